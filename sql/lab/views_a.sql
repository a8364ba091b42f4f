-- For this session only: webhooks and queue by the names of shape A, so that the lab fills both shapes with the same statements.
CREATE TEMP VIEW lab_webhooks AS
    SELECT webhook_id, webhook_name, description, url, method, timeout_ms, max_retries, retry_delay_ms, retry_backoff_multiplier, enabled, tags
    FROM rule_webhooks;
CREATE TEMP VIEW lab_calls AS
    SELECT call_id, webhook_id, status, payload, rule_name, scheduled_at, started_at, completed_at, retry_count, response_status,
           error_message, execution_time_ms, created_at
    FROM rule_webhook_calls;
