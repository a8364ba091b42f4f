-- What waits in the queue of these webhooks, and did every row since the step began come through the unified functions?
-- One pass. $1 webhooks, $2 start of the step, $3 now
SELECT q.webhook_id,
       count(*) FILTER (WHERE q.created_at >= $2) AS born,
       count(*) FILTER (WHERE q.created_at >= $2 AND q.event_id IS NULL) AS unrouted,
       count(*) FILTER (WHERE q.status = 'pending') AS pending,
       count(*) FILTER (WHERE q.status = 'retrying') AS retrying,
       count(*) FILTER (WHERE q.status = 'processing') AS processing,
       count(*) FILTER (WHERE q.due <= $3) AS due,
       count(*) FILTER (WHERE q.status = 'processing'
                        AND coalesce(q.lease_until, coalesce(q.started_at, q.created_at) + interval '1 hour') < $3) AS orphaned,
       count(*) FILTER (WHERE q.status = 'success' AND q.claimed_by IS NULL AND q.completed_at >= $3 - interval '1 hour') AS foreign_done,
       min(q.due) FILTER (WHERE q.due <= $3) AS oldest_due
FROM (
    SELECT c.webhook_id, c.status, c.created_at, c.started_at, c.completed_at, c.event_id, c.claimed_by, c.lease_until,
           CASE c.status WHEN 'pending' THEN coalesce(c.scheduled_at, c.created_at)
                         WHEN 'retrying' THEN coalesce(c.next_retry_at, c.scheduled_at, c.created_at) END AS due
    FROM wavegate.queue c
    WHERE c.webhook_id = ANY($1)
      AND (c.created_at >= $2 OR c.status IN ('pending', 'processing', 'retrying'))
) q
GROUP BY q.webhook_id
ORDER BY q.webhook_id
