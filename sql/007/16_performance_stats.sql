-- View: acknowledgement times.
-- Publish acknowledgement times of the last day.
CREATE OR REPLACE VIEW {schema}.nats_performance_stats AS
SELECT w.webhook_name, h.subject, count(*) AS message_count, round(avg(h.latency_ms), 2) AS avg_latency_ms,
       min(h.latency_ms) AS min_latency_ms, max(h.latency_ms) AS max_latency_ms,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY h.latency_ms) AS p50_latency_ms,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY h.latency_ms) AS p95_latency_ms,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY h.latency_ms) AS p99_latency_ms
FROM {schema}.rule_nats_publish_history h
JOIN {schema}.rule_webhooks w USING (webhook_id)
WHERE h.success AND h.published_at >= now() - interval '24 hours'
GROUP BY w.webhook_name, h.subject;
GRANT SELECT ON {schema}.nats_performance_stats TO PUBLIC;
