-- Since when has nobody missed the heartbeats of relays and workers, and how much memory do they take? $1 heard from since
SELECT w.worker_id AS id, w.steady_since, w.rss_bytes, w.rss_settled
FROM wavegate.worker w
WHERE w.stopped_at IS NULL AND w.seen_at >= $1
UNION ALL
SELECT r.relay_id, r.steady_since, NULL, NULL
FROM wavegate.relay r
WHERE r.stopped_at IS NULL AND r.seen_at >= $1
