-- A webhook of our own: $1 name, $2 URL, $3 subject, $4 config. Its tag keeps it out of every wave.
INSERT INTO wavegate.webhooks (webhook_name, url, method, headers, timeout_ms, retry_enabled, max_retries, retry_delay_ms,
                               retry_backoff_multiplier, enabled, tags, nats_enabled, nats_subject, nats_config_id, publish_mode)
VALUES ($1, $2, 'POST', '{}', 5000, true, 3, 500, 1.0, true, ARRAY['wavegate:probe'], true, $3, $4, 'nats')
RETURNING webhook_id
