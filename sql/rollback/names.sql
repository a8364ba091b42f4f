-- How are the webhooks called, so that a misspelt name can be answered with the right one?
SELECT w.webhook_name FROM wavegate.webhooks w ORDER BY w.webhook_id LIMIT 10000
