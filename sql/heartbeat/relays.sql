-- Relays that have not said goodbye and were heard from since $1; the leader first.
SELECT relay_id, host, pid, started_at, seen_at, leader, published, failed, lag_ms, rate, last_ack_at, last_error, last_error_at,
       foreign_consumer
FROM wavegate.relay
WHERE stopped_at IS NULL AND seen_at >= $1
ORDER BY leader DESC, relay_id
