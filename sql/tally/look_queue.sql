-- Did every row created from $2 to $3 (not including it) come through the unified functions? $1 webhooks.
SELECT q.webhook_id, count(*) AS born, count(*) FILTER (WHERE q.event_id IS NULL) AS unrouted
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($1) AND q.created_at >= $2 AND q.created_at < $3
GROUP BY q.webhook_id
