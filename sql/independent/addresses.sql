-- Where do calls of these webhooks ($1) go, and with which headers of their own?
SELECT w.webhook_id, w.url, coalesce(w.headers, '{}') AS headers FROM wavegate.webhooks w WHERE w.webhook_id = ANY ($1)
