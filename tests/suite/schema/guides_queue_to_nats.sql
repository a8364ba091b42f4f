-- The SQL of the queue-to-NATS migration guide, step by step. Placeholders are filled in; lines that are not SQL are left out.
-- @ 1.2 verify migration
SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'rule_nats%';
-- @ 1.3 configure connection
UPDATE rule_nats_config SET nats_url = 'nats://your-nats-server:4222', max_connections = 20 WHERE config_name = 'default';
-- @ 1.3 initialise
SELECT rule_nats_init('default');
-- @ 1.3 health
SELECT rule_nats_health_check('default');
-- @ 1.4 high-volume webhooks
SELECT
    w.webhook_id,
    w.webhook_name,
    COUNT(q.queue_id) as total_calls,
    COUNT(*) FILTER (WHERE q.status = 'success') as successful,
    COUNT(*) FILTER (WHERE q.status = 'failed') as failed,
    ROUND(AVG(EXTRACT(EPOCH FROM (q.completed_at - q.created_at)) * 1000), 2) as avg_latency_ms
FROM rule_webhooks w
LEFT JOIN rule_webhook_queue q ON w.webhook_id = q.webhook_id
WHERE q.created_at >= NOW() - INTERVAL '7 days'
GROUP BY w.webhook_id, w.webhook_name
ORDER BY total_calls DESC;
-- @ 1.4 critical webhooks
SELECT webhook_id, webhook_name FROM rule_webhooks
WHERE webhook_name LIKE '%payment%' OR webhook_name LIKE '%critical%' OR webhook_name LIKE '%alert%';
-- @ 2.1 pilot
SELECT webhook_id, webhook_name FROM rule_webhooks WHERE webhook_name = 'analytics_events' AND enabled = true;
-- @ 2.2 hybrid mode
UPDATE rule_webhooks
SET publish_mode = 'both',
    nats_enabled = true,
    nats_subject = 'webhooks.analytics',
    nats_config_id = (SELECT config_id FROM rule_nats_config WHERE config_name = 'default')
WHERE webhook_name = 'analytics_events';
-- @ 2.2 verify
SELECT webhook_id, webhook_name, publish_mode, nats_enabled, nats_subject FROM rule_webhooks WHERE webhook_name = 'analytics_events';
-- @ 2.4 queue against NATS
WITH queue_stats AS (
    SELECT
        COUNT(*) as total,
        COUNT(*) FILTER (WHERE status = 'success') as successful,
        AVG(EXTRACT(EPOCH FROM (completed_at - created_at)) * 1000) as avg_ms
    FROM rule_webhook_queue
    WHERE webhook_id = (SELECT webhook_id FROM rule_webhooks WHERE webhook_name = 'analytics_events')
      AND created_at >= NOW() - INTERVAL '24 hours'
),
nats_stats AS (
    SELECT
        COUNT(*) as total,
        COUNT(*) FILTER (WHERE success = true) as successful,
        AVG(latency_ms) as avg_ms
    FROM rule_nats_publish_history
    WHERE webhook_id = (SELECT webhook_id FROM rule_webhooks WHERE webhook_name = 'analytics_events')
      AND published_at >= NOW() - INTERVAL '24 hours'
)
SELECT 'Queue' as system, q.total, q.successful, ROUND(q.avg_ms::numeric, 2) as avg_latency_ms
FROM queue_stats q
UNION ALL
SELECT 'NATS' as system, n.total, n.successful, ROUND(n.avg_ms::numeric, 2) as avg_latency_ms
FROM nats_stats n;
-- @ 2.4 worker health
SELECT consumer_name, messages_delivered, messages_acknowledged, avg_processing_time_ms, last_active_at
FROM rule_nats_consumer_stats
WHERE consumer_name = 'pilot-worker-1';
-- @ 3.1 migration plan
CREATE TEMP TABLE migration_plan AS
SELECT
    webhook_id,
    webhook_name,
    CASE
        WHEN webhook_name LIKE '%test%' OR webhook_name LIKE '%dev%' THEN 1
        WHEN webhook_name LIKE '%analytics%' OR webhook_name LIKE '%log%' THEN 2
        WHEN webhook_name LIKE '%notification%' OR webhook_name LIKE '%email%' THEN 3
        WHEN webhook_name LIKE '%payment%' OR webhook_name LIKE '%critical%' THEN 5
        ELSE 4
    END as migration_wave,
    (SELECT COUNT(*) FROM rule_webhook_queue WHERE webhook_id = w.webhook_id) as call_volume
FROM rule_webhooks w
WHERE enabled = true
ORDER BY migration_wave, call_volume DESC;
-- @ 3.1 view plan
SELECT * FROM migration_plan;
-- @ 3.2 wave 1
UPDATE rule_webhooks
SET publish_mode = 'both',
    nats_enabled = true,
    nats_subject = 'webhooks.' || LOWER(REPLACE(webhook_name, ' ', '.')),
    nats_config_id = (SELECT config_id FROM rule_nats_config WHERE config_name = 'default')
WHERE webhook_id IN (SELECT webhook_id FROM migration_plan WHERE migration_wave = 1);
-- @ 3.3 wave 2
UPDATE rule_webhooks
SET publish_mode = 'both',
    nats_enabled = true,
    nats_subject = 'webhooks.' || LOWER(REPLACE(webhook_name, ' ', '.')),
    nats_config_id = (SELECT config_id FROM rule_nats_config WHERE config_name = 'default')
WHERE webhook_id IN (SELECT webhook_id FROM migration_plan WHERE migration_wave = 2);
-- @ 3.4 wave 3
UPDATE rule_webhooks
SET publish_mode = 'both',
    nats_enabled = true,
    nats_subject = 'webhooks.' || LOWER(REPLACE(webhook_name, ' ', '.')),
    nats_config_id = (SELECT config_id FROM rule_nats_config WHERE config_name = 'default')
WHERE webhook_id IN (SELECT webhook_id FROM migration_plan WHERE migration_wave = 3);
-- @ 3.5 wave 4
UPDATE rule_webhooks
SET publish_mode = 'both',
    nats_enabled = true,
    nats_subject = 'webhooks.' || LOWER(REPLACE(webhook_name, ' ', '.')),
    nats_config_id = (SELECT config_id FROM rule_nats_config WHERE config_name = 'default')
WHERE webhook_id IN (SELECT webhook_id FROM migration_plan WHERE migration_wave = 4);
-- @ 3.6 wave 5
UPDATE rule_webhooks
SET publish_mode = 'both',
    nats_enabled = true,
    nats_subject = 'webhooks.' || LOWER(REPLACE(webhook_name, ' ', '.')),
    nats_config_id = (SELECT config_id FROM rule_nats_config WHERE config_name = 'default')
WHERE webhook_id IN (SELECT webhook_id FROM migration_plan WHERE migration_wave = 5);
-- @ 3.7 daily status
CREATE OR REPLACE VIEW migration_status AS
SELECT
    publish_mode,
    COUNT(*) as webhook_count,
    SUM((SELECT COUNT(*) FROM rule_nats_publish_history h
        WHERE h.webhook_id = w.webhook_id
          AND h.published_at >= NOW() - INTERVAL '24 hours')) as nats_messages_24h,
    SUM((SELECT COUNT(*) FROM rule_webhook_queue q
        WHERE q.webhook_id = w.webhook_id
          AND q.created_at >= NOW() - INTERVAL '24 hours')) as queue_messages_24h
FROM rule_webhooks w
WHERE enabled = true
GROUP BY publish_mode;
-- @ 3.7 check daily
SELECT * FROM migration_status;
-- @ 4.1 all hybrid
SELECT webhook_id, webhook_name, publish_mode, nats_enabled
FROM rule_webhooks
WHERE enabled = true AND (publish_mode != 'both' OR nats_enabled != true);
-- @ 4.1 compare metrics
WITH metrics AS (
    SELECT
        w.webhook_name,
        COUNT(DISTINCT q.queue_id) as queue_total,
        COUNT(DISTINCT h.publish_id) as nats_total,
        COUNT(DISTINCT q.queue_id) FILTER (WHERE q.status = 'success') as queue_success,
        COUNT(DISTINCT h.publish_id) FILTER (WHERE h.success = true) as nats_success
    FROM rule_webhooks w
    LEFT JOIN rule_webhook_queue q ON w.webhook_id = q.webhook_id
        AND q.created_at >= NOW() - INTERVAL '7 days'
    LEFT JOIN rule_nats_publish_history h ON w.webhook_id = h.webhook_id
        AND h.published_at >= NOW() - INTERVAL '7 days'
    WHERE w.publish_mode = 'both'
    GROUP BY w.webhook_name
)
SELECT
    webhook_name,
    queue_total,
    nats_total,
    ROUND(100.0 * queue_success / NULLIF(queue_total, 0), 2) as queue_success_rate,
    ROUND(100.0 * nats_success / NULLIF(nats_total, 0), 2) as nats_success_rate,
    ABS(ROUND(100.0 * queue_success / NULLIF(queue_total, 0), 2) -
        ROUND(100.0 * nats_success / NULLIF(nats_total, 0), 2)) as rate_diff
FROM metrics
WHERE queue_total > 100
ORDER BY rate_diff DESC;
-- @ 4.2 begin
BEGIN;
-- @ 4.2 switch
UPDATE rule_webhooks SET publish_mode = 'nats' WHERE publish_mode = 'both' AND enabled = true;
-- @ 4.2 verify
SELECT COUNT(*) as nats_only_count FROM rule_webhooks WHERE publish_mode = 'nats';
-- @ 4.2 commit
COMMIT;
-- @ 4.3 message flow
SELECT
    COUNT(*) as messages_published,
    COUNT(*) FILTER (WHERE success = true) as successful,
    COUNT(*) FILTER (WHERE success = false) as failed,
    ROUND(100.0 * COUNT(*) FILTER (WHERE success = true) / COUNT(*), 2) as success_rate
FROM rule_nats_publish_history
WHERE published_at >= NOW() - INTERVAL '1 hour';
-- @ 4.3 worker health
SELECT consumer_name, messages_acknowledged, avg_processing_time_ms, active, last_active_at
FROM rule_nats_consumer_stats
WHERE active = true
ORDER BY consumer_name;
-- @ 4.3 errors
SELECT * FROM nats_recent_failures LIMIT 20;
-- @ 5.1 archive
CREATE TABLE rule_webhook_queue_archive AS
SELECT * FROM rule_webhook_queue
WHERE created_at < NOW() - INTERVAL '30 days';
-- @ 5.1 clean up
DELETE FROM rule_webhook_queue WHERE created_at < NOW() - INTERVAL '30 days' AND status IN ('success', 'failed');
-- @ rollback, scenario 1
UPDATE rule_webhooks SET publish_mode = 'queue', nats_enabled = false WHERE webhook_name = 'analytics_events';
-- @ rollback, scenario 2, one wave
UPDATE rule_webhooks SET publish_mode = 'queue', nats_enabled = false
WHERE webhook_id IN (SELECT webhook_id FROM migration_plan WHERE migration_wave = 2);
-- @ rollback, scenario 2, all
UPDATE rule_webhooks SET publish_mode = 'queue', nats_enabled = false WHERE publish_mode IN ('both', 'nats');
-- @ rollback, scenario 3
UPDATE rule_webhooks SET publish_mode = 'queue' WHERE publish_mode = 'nats';
-- @ performance validation
SELECT
    'Before NATS' as period,
    COUNT(*) as total_messages,
    ROUND(AVG(EXTRACT(EPOCH FROM (completed_at - created_at)) * 1000), 2) as avg_latency_ms
FROM rule_webhook_queue
WHERE created_at BETWEEN '2024-01-01' AND '2024-01-07'
UNION ALL
SELECT
    'After NATS' as period,
    COUNT(*) as total_messages,
    ROUND(AVG(latency_ms), 2) as avg_latency_ms
FROM rule_nats_publish_history
WHERE published_at BETWEEN '2024-02-01' AND '2024-02-07';
