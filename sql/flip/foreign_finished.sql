-- When did somebody else's queue worker last finish a call of these webhooks ($1) since $2, however old the call was?
SELECT max(q.completed_at) FILTER (WHERE q.completed_at BETWEEN '0001-01-01' AND '9999-12-31')
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($1) AND q.completed_at > $2 AND q.status = 'success' AND q.claimed_by IS NULL
