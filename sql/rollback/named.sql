-- Which webhooks are called $1, or have it as their id?
SELECT w.webhook_id, w.webhook_name, w.webhook_name = $1 AS by_name FROM wavegate.webhooks w
WHERE w.webhook_name = $1 OR w.webhook_id::text = $1
ORDER BY w.webhook_id
