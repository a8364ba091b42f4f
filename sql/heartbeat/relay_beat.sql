-- This relay lives. $1 id, $2 host, $3 pid, $4 started, $5 partitions, $6 published, $7 failed, $8 lag, $9 rate, $10 last ack,
-- $11 last error, $12 when, $13 it says goodbye (ten seconds of silence are a gap), $14 the foreign durable it listens to.
INSERT INTO wavegate.relay AS r (relay_id, host, pid, started_at, seen_at, partitions, published, failed, lag_ms, rate,
                            last_ack_at, last_error, last_error_at, stopped_at, foreign_consumer, steady_since)
VALUES ($1, $2, $3, $4, clock_timestamp(), $5, $6, $7, $8, $9, $10, $11, $12, CASE WHEN $13 THEN clock_timestamp() END, $14, clock_timestamp())
ON CONFLICT (relay_id) DO UPDATE
SET steady_since = CASE WHEN excluded.seen_at - r.seen_at > interval '10 s' THEN excluded.seen_at
                        ELSE coalesce(r.steady_since, excluded.seen_at) END,
    seen_at = excluded.seen_at, partitions = excluded.partitions, published = excluded.published, failed = excluded.failed,
    lag_ms = excluded.lag_ms, rate = excluded.rate, last_ack_at = excluded.last_ack_at, last_error = excluded.last_error,
    last_error_at = excluded.last_error_at, stopped_at = excluded.stopped_at
-- A goodbye is final: a beat that was on its way when it was said may arrive after it.
WHERE r.stopped_at IS NULL OR excluded.stopped_at IS NOT NULL
