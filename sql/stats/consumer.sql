-- Counters of one NATS worker where the guides' queries look. $1 stream, $2 worker, $3 durable, $4 delivered, $5 acknowledged,
-- $6 pending, $7 redelivered, $8 mean ms, $9 active.
INSERT INTO rule_nats_consumer_stats AS s (stream_name, consumer_name, queue_group, ack_policy, max_deliver, messages_delivered,
                                           messages_acknowledged, messages_pending, messages_redelivered, avg_processing_time_ms,
                                           last_active_at, active, updated_at)
VALUES ($1, $2, $3, 'explicit', -1, $4, $5, $6, $7, $8::float8::numeric(10,2), now(), $9, now())
ON CONFLICT (stream_name, consumer_name) DO UPDATE
SET messages_delivered = excluded.messages_delivered, messages_acknowledged = excluded.messages_acknowledged,
    messages_pending = excluded.messages_pending, messages_redelivered = excluded.messages_redelivered,
    avg_processing_time_ms = excluded.avg_processing_time_ms, last_active_at = excluded.last_active_at,
    active = excluded.active, updated_at = excluded.updated_at
-- A goodbye is final: see heartbeat/worker_beat.sql.
WHERE s.active OR NOT excluded.active
