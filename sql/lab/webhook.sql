-- Adds one webhook.
INSERT INTO lab_webhooks (webhook_name, description, url, method, timeout_ms, max_retries, retry_delay_ms, retry_backoff_multiplier, enabled, tags)
VALUES ($1, 'made by wavegate lab', $2, $3, 5000, $4, $5, 1.5, $6, $7)
RETURNING webhook_id
