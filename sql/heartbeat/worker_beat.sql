-- This worker lives. $1 id, $2 path, $3 host, $4 pid, $5 started, $6 claimed, $7 delivered, $8 failed, $9 acked, $10 in flight,
-- $11 memory, $12 last error, $13 it says goodbye. Ten seconds of silence are a gap.
INSERT INTO wavegate.worker AS w (worker_id, path, host, pid, started_at, seen_at, claimed, delivered, failed, acked, in_flight,
                             rss_bytes, last_error, stopped_at, steady_since)
VALUES ($1, $2, $3, $4, $5, clock_timestamp(), $6, $7, $8, $9, $10, $11, $12, CASE WHEN $13 THEN clock_timestamp() END, clock_timestamp())
ON CONFLICT (worker_id) DO UPDATE
SET steady_since = CASE WHEN excluded.seen_at - w.seen_at > interval '10 s' THEN excluded.seen_at
                        ELSE coalesce(w.steady_since, excluded.seen_at) END,
    rss_settled = coalesce(w.rss_settled, CASE WHEN excluded.seen_at - w.started_at >= interval '1 min' THEN excluded.rss_bytes END),
    seen_at = excluded.seen_at, claimed = excluded.claimed, delivered = excluded.delivered, failed = excluded.failed,
    acked = excluded.acked, in_flight = excluded.in_flight, rss_bytes = excluded.rss_bytes,
    last_error = excluded.last_error, stopped_at = excluded.stopped_at
-- A goodbye is final: a beat that was on its way when it was said may arrive after it.
WHERE w.stopped_at IS NULL OR excluded.stopped_at IS NOT NULL
