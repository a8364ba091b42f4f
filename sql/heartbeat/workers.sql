-- Workers that have not said goodbye and were heard from since $1.
SELECT worker_id, path, host, pid, started_at, seen_at, claimed, delivered, failed, acked, in_flight, rss_bytes, last_error
FROM wavegate.worker
WHERE stopped_at IS NULL AND seen_at >= $1
ORDER BY path, worker_id
