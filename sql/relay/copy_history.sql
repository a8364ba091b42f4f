-- As log_history.sql; fails where a webhook is gone.
COPY {schema}.rule_nats_publish_history (webhook_id, subject, payload, message_id, sequence_number, success, error_message, latency_ms, triggered_by)
FROM STDIN (FORMAT binary)
