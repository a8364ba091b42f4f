-- How is each webhook called: address and headers of its own?
SELECT w.webhook_id, w.webhook_name, w.url, w.headers
FROM wavegate.webhooks w
ORDER BY w.webhook_id
