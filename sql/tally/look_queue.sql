-- Which rows created from $2 to $3 (not including it) came past the unified functions? By an index that holds no others. $1 webhooks.
SELECT q.webhook_id, count(*) AS unrouted
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($1) AND q.created_at >= $2 AND q.created_at < $3 AND q.event_id IS NULL
GROUP BY q.webhook_id
