-- View: the guide's look at workers.
-- The guide's look at the workers; a rate without a time is null.
CREATE OR REPLACE VIEW {schema}.worker_realtime_stats AS
SELECT s.consumer_name, s.messages_acknowledged, s.avg_processing_time_ms,
       CASE WHEN s.avg_processing_time_ms > 0 THEN round(1000.0 / s.avg_processing_time_ms, 2) END AS theoretical_msg_per_sec,
       extract(epoch FROM now() - s.last_active_at) AS seconds_since_last_active,
       CASE WHEN s.last_active_at >= now() - interval '30 seconds' THEN 'ACTIVE'
            WHEN s.last_active_at >= now() - interval '5 minutes' THEN 'IDLE'
            ELSE 'STALE' END AS status
FROM {schema}.rule_nats_consumer_stats s
WHERE s.stream_name = 'WEBHOOKS' AND s.active;
