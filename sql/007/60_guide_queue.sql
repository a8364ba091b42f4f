-- View: the queue by the guides' name.
-- The queue under the name that the guides use.
CREATE VIEW rule_webhook_queue AS
SELECT call_id AS queue_id, webhook_id, status, payload, rule_name, rule_execution_id, scheduled_at, started_at, completed_at,
       retry_count, next_retry_at, response_status, response_body, response_headers, error_message, execution_time_ms,
       created_at, event_id, two_route, claimed_by, lease_until
FROM rule_webhook_calls;
