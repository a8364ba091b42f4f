-- What did the queue's calls of the last days do? By webhook and cell of time (number since the first of these days), how many ended and
-- how many of them failed. $1 webhooks, $2 since, $3 until, $4 length of a cell (ms).
SELECT q.webhook_id, floor(extract(epoch FROM q.created_at - $2) * 1000 / $4)::int AS cell, count(*)::int AS ended,
       (count(*) FILTER (WHERE q.status = 'failed'))::int AS failed
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($1) AND q.created_at >= $2 AND q.created_at < $3 AND q.status IN ('success', 'failed')
GROUP BY 1, 2
