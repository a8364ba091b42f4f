-- Relays that have not said goodbye and were heard from since $1; the busiest first.
SELECT relay_id, host, pid, started_at, seen_at, partitions, published, failed, lag_ms, rate, last_ack_at, last_error, last_error_at,
       foreign_consumer
FROM wavegate.relay
WHERE stopped_at IS NULL AND seen_at >= $1
ORDER BY cardinality(partitions) DESC, relay_id
