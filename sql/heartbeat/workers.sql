-- Workers that have not said goodbye and were heard from since $1; dedicated ones, which serve some webhooks only, where $2 wants them.
SELECT worker_id, path, host, pid, started_at, seen_at, claimed, delivered, failed, acked, in_flight, rss_bytes, last_error,
       worker_id LIKE '%/dedicated' AS dedicated
FROM wavegate.worker
WHERE stopped_at IS NULL AND seen_at >= $1 AND ($2 OR worker_id NOT LIKE '%/dedicated')
ORDER BY path, worker_id
