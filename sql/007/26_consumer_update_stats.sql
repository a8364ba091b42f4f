-- SQL API: a worker's counters.
-- A worker reports its counters.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_consumer_update_stats(
    p_stream text, p_consumer text, p_delivered bigint, p_acknowledged bigint, p_pending bigint, p_avg_ms numeric DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    INSERT INTO {schema}.rule_nats_consumer_stats AS s (
        stream_name, consumer_name, messages_delivered, messages_acknowledged, messages_pending, avg_processing_time_ms, last_active_at)
    VALUES (p_stream, p_consumer, p_delivered, p_acknowledged, p_pending, p_avg_ms, now())
    ON CONFLICT (stream_name, consumer_name) DO UPDATE
    SET messages_delivered = excluded.messages_delivered, messages_acknowledged = excluded.messages_acknowledged,
        messages_pending = excluded.messages_pending, last_active_at = excluded.last_active_at, updated_at = now(),
        avg_processing_time_ms = coalesce(excluded.avg_processing_time_ms, s.avg_processing_time_ms);
    RETURN true;
END
$$;
