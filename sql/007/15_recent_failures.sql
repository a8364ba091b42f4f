-- View: failures of the last day.
-- The newest hundred failed publishes of the last day.
CREATE OR REPLACE VIEW {schema}.nats_recent_failures AS
SELECT h.publish_id, w.webhook_name, h.subject, h.error_message, h.payload, h.published_at, h.latency_ms
FROM {schema}.rule_nats_publish_history h
JOIN {schema}.rule_webhooks w USING (webhook_id)
WHERE NOT h.success AND h.published_at >= now() - interval '24 hours'
ORDER BY h.published_at DESC
LIMIT 100;
