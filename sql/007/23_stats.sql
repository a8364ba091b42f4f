-- SQL API: publishes of the last hours.
-- Publishes of one webhook or all in the last hours. Without any, rates and times are null, not 0.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_stats(p_webhook_id integer DEFAULT NULL, p_hours integer DEFAULT 24) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
            'total_published', count(*),
            'successful', count(*) FILTER (WHERE h.success),
            'failed', count(*) FILTER (WHERE NOT h.success),
            'success_rate_pct', round(100.0 * count(*) FILTER (WHERE h.success) / nullif(count(*), 0), 2),
            'avg_latency_ms', round(avg(h.latency_ms), 2),
            'min_latency_ms', min(h.latency_ms),
            'max_latency_ms', max(h.latency_ms),
            'p50_latency_ms', percentile_cont(0.5) WITHIN GROUP (ORDER BY h.latency_ms),
            'p95_latency_ms', percentile_cont(0.95) WITHIN GROUP (ORDER BY h.latency_ms),
            'p99_latency_ms', percentile_cont(0.99) WITHIN GROUP (ORDER BY h.latency_ms),
            'unique_subjects', count(DISTINCT h.subject),
            'time_range_hours', p_hours,
            'period_start', min(h.published_at),
            'period_end', max(h.published_at))
        FROM {schema}.rule_nats_publish_history h
        WHERE (p_webhook_id IS NULL OR h.webhook_id = p_webhook_id)
          AND h.published_at >= now() - p_hours * interval '1 hour');
END
$$;
