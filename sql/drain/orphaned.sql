-- Which rows of these webhooks ($1) are `processing` although nobody can still work on them at $2: our lease is over, or
-- a foreign claim is far older than the webhook's time-out allows?
SELECT q.call_id::bigint AS call_id, q.webhook_id, w.webhook_name, CASE WHEN q.started_at BETWEEN '0001-01-01' AND '9999-12-31' THEN q.started_at END AS started_at, q.claimed_by
FROM wavegate.queue q
JOIN wavegate.webhooks w USING (webhook_id)
WHERE q.webhook_id = ANY ($1) AND q.status = 'processing'
  AND CASE WHEN q.claimed_by IS NOT NULL THEN coalesce(q.lease_until < $2, true)
           ELSE coalesce(q.started_at, q.created_at) < $2 - coalesce(w.timeout_ms, 5000) * interval '2 ms' - interval '5 min' END
ORDER BY q.call_id
LIMIT 20
