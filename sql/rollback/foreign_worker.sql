-- When did somebody else's queue worker last deliver a call of these webhooks ($1), looking back to $2?
SELECT max(q.completed_at) FILTER (WHERE q.completed_at BETWEEN '0001-01-01' AND '9999-12-31')
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($1) AND q.created_at > $2 AND q.status = 'success' AND q.claimed_by IS NULL
