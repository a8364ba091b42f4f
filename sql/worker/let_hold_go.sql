-- The results of these calls ($2) are written: nothing of worker $1 holds them any longer. What is set aside is held for ever.
DELETE FROM wavegate.held h WHERE h.call_id = ANY ($2::bigint[]) AND h.worker_id = $1 AND h.until < 'infinity'
