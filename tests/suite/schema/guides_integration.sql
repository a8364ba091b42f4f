-- The SQL of the NATS integration guide, section by section. Placeholders are filled in; psql commands are left out.
-- @ quick start 3, initialise
SELECT rule_nats_init('default');
-- @ quick start 4, a webhook
INSERT INTO rule_webhooks (webhook_name, {url}, {method}, publish_mode, nats_enabled, nats_subject, nats_config_id)
VALUES ('slack_notifications', 'https://hooks.slack.com/services/YOUR/WEBHOOK/URL', 'POST', 'nats', true, 'webhooks.slack',
        (SELECT config_id FROM rule_nats_config WHERE config_name = 'default'));
-- @ quick start 6, publish
SELECT rule_webhook_call_unified(webhook_id, '{"text": "Hello from PostgreSQL!", "channel": "#general"}'::jsonb)
FROM rule_webhooks WHERE webhook_name = 'slack_notifications';
-- @ configuration, view
SELECT * FROM rule_nats_config WHERE config_name = 'default';
-- @ configuration, URL
UPDATE rule_nats_config SET nats_url = 'nats://production-server:4222' WHERE config_name = 'default';
-- @ configuration, pool
UPDATE rule_nats_config SET max_connections = 50 WHERE config_name = 'default';
-- @ configuration, production
INSERT INTO rule_nats_config (config_name, nats_url, max_connections, tls_enabled)
VALUES ('production', 'nats://prod-nats-1:4222,prod-nats-2:4222,prod-nats-3:4222', 100, true);
-- @ configuration, development
INSERT INTO rule_nats_config (config_name, nats_url, max_connections) VALUES ('development', 'nats://localhost:4222', 5);
-- @ direct publish, id made
SELECT rule_webhook_publish_nats(webhook_id, '{"event": "user.created", "user_id": 123}'::jsonb, NULL) FROM rule_webhooks;
-- @ direct publish, own id
SELECT rule_webhook_publish_nats(webhook_id, '{"event": "order.completed", "order_id": 456}'::jsonb, 'order-456') FROM rule_webhooks;
-- @ unified
SELECT rule_webhook_call_unified(webhook_id, '{"data": "value"}'::jsonb) FROM rule_webhooks;
-- @ triggers, the table of the example
CREATE TABLE users (user_id integer, email text, created_at timestamptz DEFAULT now());
-- @ triggers, the webhook of the example
INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled) VALUES ('user_notifications', 'http://127.0.0.1:1/', 'both', true);
-- @ triggers, function
CREATE OR REPLACE FUNCTION notify_user_created()
RETURNS TRIGGER AS $$
BEGIN
    PERFORM rule_webhook_call_unified(
        (SELECT webhook_id FROM rule_webhooks WHERE webhook_name = 'user_notifications'),
        jsonb_build_object(
            'event', 'user.created',
            'user_id', NEW.user_id,
            'email', NEW.email,
            'created_at', NEW.created_at
        )
    );
    RETURN NEW;
END;
$$ LANGUAGE plpgsql;
-- @ triggers, trigger
CREATE TRIGGER user_after_insert
    AFTER INSERT ON users
    FOR EACH ROW
    EXECUTE FUNCTION notify_user_created();
-- @ triggers, fired
INSERT INTO users VALUES (1, 'a@example.org');
-- @ batch
DO $$
DECLARE
    v_webhook_id INTEGER;
    v_i INTEGER;
BEGIN
    SELECT webhook_id INTO v_webhook_id
    FROM rule_webhooks
    WHERE webhook_name = 'analytics_events';

    FOR v_i IN 1..1000 LOOP
        PERFORM rule_webhook_publish_nats(
            v_webhook_id,
            jsonb_build_object('event_id', v_i, 'timestamp', NOW()),
            format('event-%s', v_i)
        );
    END LOOP;
END $$;
-- @ health
SELECT rule_nats_health_check('default');
-- @ statistics
SELECT * FROM nats_publish_summary;
-- @ performance
SELECT * FROM nats_performance_stats;
-- @ failures
SELECT * FROM nats_recent_failures LIMIT 10;
-- @ worker statistics
SELECT consumer_name, messages_acknowledged, avg_processing_time_ms, last_active_at
FROM rule_nats_consumer_stats
WHERE stream_name = 'WEBHOOKS' AND active = true
ORDER BY messages_acknowledged DESC;
-- @ real-time view
CREATE OR REPLACE VIEW worker_realtime_stats AS
SELECT
    consumer_name,
    messages_acknowledged,
    avg_processing_time_ms,
    CASE
        WHEN avg_processing_time_ms > 0 THEN
            ROUND(1000.0 / avg_processing_time_ms, 2)
        ELSE NULL
    END as theoretical_msg_per_sec,
    EXTRACT(EPOCH FROM (NOW() - last_active_at)) as seconds_since_last_active,
    CASE
        WHEN last_active_at >= NOW() - INTERVAL '30 seconds' THEN 'ACTIVE'
        WHEN last_active_at >= NOW() - INTERVAL '5 minutes' THEN 'IDLE'
        ELSE 'STALE'
    END as status
FROM rule_nats_consumer_stats
WHERE stream_name = 'WEBHOOKS'
  AND active = true;
-- @ real-time query
SELECT * FROM worker_realtime_stats;
-- @ tuning, pool
UPDATE rule_nats_config SET max_connections = 100 WHERE config_name = 'default';
-- @ tuning, time-out
UPDATE rule_nats_config SET connection_timeout_ms = 2000 WHERE config_name = 'default';
-- @ tuning, memory
UPDATE rule_nats_streams SET storage_type = 'memory', max_messages = 10000000 WHERE stream_name = 'WEBHOOKS';
-- @ tuning, file
UPDATE rule_nats_streams SET storage_type = 'file', max_messages = 100000000, max_bytes = 10737418240 WHERE stream_name = 'WEBHOOKS';
-- @ tuning, index
CREATE INDEX CONCURRENTLY idx_nats_publish_webhook_time ON rule_nats_publish_history(webhook_id, published_at DESC);
-- @ tuning, clean-up
SELECT rule_nats_cleanup_old_history('7 days', true);
-- @ quick migration, hybrid
UPDATE rule_webhooks
SET publish_mode = 'both',
    nats_enabled = true,
    nats_subject = 'webhooks.' || LOWER(webhook_name)
WHERE webhook_name IN ('critical_webhook_1', 'critical_webhook_2');
-- @ quick migration, NATS only
UPDATE rule_webhooks SET publish_mode = 'nats' WHERE publish_mode = 'both';
-- @ troubleshooting, subject
SELECT webhook_name, nats_subject, enabled FROM rule_webhooks WHERE nats_enabled = true;
-- @ troubleshooting, workers
SELECT COUNT(*) FROM rule_nats_consumer_stats WHERE active = true;
-- @ troubleshooting, duplicates
SELECT rule_webhook_publish_nats(webhook_id, payload, format('order-%s', order_id))
FROM rule_webhooks, (VALUES ('{"order_id": 7}'::jsonb, 7)) AS orders (payload, order_id);
-- @ troubleshooting, window
SELECT duplicate_window_seconds FROM rule_nats_streams WHERE stream_name = 'WEBHOOKS';
-- @ reference, publish
SELECT rule_webhook_publish_nats({id}, '{"data": "value"}'::jsonb, 'msg-001');
-- @ reference, unified
SELECT rule_webhook_call_unified({id}, '{"data": "value"}'::jsonb);
-- @ engine's SQL API
SELECT rule_nats_configure(p_config_name => 'other', p_nats_url => 'nats://x:4222', p_auth_type => 'none', p_jetstream_enabled => true, p_stream_name => 'WEBHOOKS', p_subject_prefix => 'webhooks');
-- @ engine's SQL API
SELECT rule_nats_stream_create(p_stream_name => 'WEBHOOKS', p_subjects => '{webhooks.>}', p_config_name => 'other', p_description => 'd', p_retention_policy => 'limits', p_max_age_seconds => 60);
-- @ engine's SQL API
SELECT rule_webhook_enable_nats(p_webhook_id => {id}, p_nats_subject => 'webhooks.api', p_publish_mode => 'both', p_config_name => 'other');
-- @ engine's SQL API
SELECT rule_webhook_disable_nats(p_webhook_id => {id});
-- @ engine's SQL API
SELECT rule_nats_stats(p_webhook_id => {id}, p_hours => 1), rule_nats_stats(), rule_nats_config_info(p_config_name => 'other');
-- @ engine's SQL API
SELECT webhook_id, webhook_name, nats_subject, publish_mode, config_name, total_published, success_rate FROM rule_nats_webhooks_list();
-- @ engine's SQL API
SELECT rule_nats_cleanup_expired(), rule_nats_test_connection(p_config_name => 'other');
-- @ engine's SQL API
SELECT rule_nats_consumer_update_stats('WEBHOOKS', 'worker-1', 10, 9, 1, 3.5), rule_nats_consumer_update_stats('WEBHOOKS', 'worker-1', 11, 10, 0);
