-- View: publishes by webhook.
-- Publishes of each NATS webhook. Without any, the rate is unknown, not 0.
CREATE OR REPLACE VIEW {schema}.nats_publish_summary AS
SELECT w.webhook_id, w.webhook_name, w.nats_subject AS subject, w.publish_mode,
       coalesce(h.total, 0) AS total_published, coalesce(h.good, 0) AS successful, coalesce(h.total - h.good, 0) AS failed,
       round(100.0 * h.good / nullif(h.total, 0), 2) AS success_rate_pct,
       round(h.mean, 2) AS avg_latency_ms, h.least AS min_latency_ms, h.most AS max_latency_ms, h.newest AS last_published_at
FROM {schema}.rule_webhooks w
LEFT JOIN (
    SELECT p.webhook_id, count(*) AS total, count(*) FILTER (WHERE p.success) AS good, avg(p.latency_ms) AS mean,
           min(p.latency_ms) AS least, max(p.latency_ms) AS most, max(p.published_at) AS newest
    FROM {schema}.rule_nats_publish_history p
    GROUP BY p.webhook_id
) h USING (webhook_id)
WHERE w.nats_enabled;
GRANT SELECT ON {schema}.nats_publish_summary TO PUBLIC;
