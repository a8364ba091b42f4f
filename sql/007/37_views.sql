-- The two views that hide the shape.
-- The two views that hide the shape; with their names, all other SQL is the same for both.
CREATE OR REPLACE VIEW wavegate.webhooks AS
SELECT webhook_id, webhook_name, {url} AS url, {method} AS method, headers, timeout_ms, retry_enabled, max_retries, retry_delay_ms,
       retry_backoff_multiplier, enabled, tags, created_at, nats_enabled, nats_subject, nats_config_id, publish_mode,
       nats_share, nats_takeover_after_ms, mode_epoch
FROM {schema}.rule_webhooks;
CREATE OR REPLACE VIEW wavegate.queue AS
SELECT {queue_id} AS call_id, webhook_id, status, payload, rule_name, rule_execution_id, scheduled_at, started_at, completed_at,
       retry_count, next_retry_at, response_status, response_body, response_headers, error_message, execution_time_ms,
       created_at, event_id, two_route, claimed_by, lease_until
FROM {schema}.{queue};
CREATE OR REPLACE FUNCTION wavegate.next_call_id() RETURNS bigint
LANGUAGE sql VOLATILE SET search_path = pg_catalog, wavegate, pg_temp
AS $$ SELECT nextval(pg_get_serial_sequence('{schema}.{queue}', '{queue_id}')) $$;
