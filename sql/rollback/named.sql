-- Which webhook is called $1, or has it as its id?
SELECT w.webhook_id FROM wavegate.webhooks w
WHERE w.webhook_name = $1 OR w.webhook_id::text = $1
ORDER BY (w.webhook_name = $1) DESC
LIMIT 1
