-- Which webhooks are there?
SELECT w.webhook_id FROM wavegate.webhooks w ORDER BY w.webhook_id
