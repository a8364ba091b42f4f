-- Relays and workers that were last heard from before $1 are forgotten, with the counters that they kept for the guides' queries.
WITH relays AS (
    DELETE FROM wavegate.relay r WHERE r.seen_at < $1
), workers AS (
    DELETE FROM wavegate.worker w WHERE w.seen_at < $1 RETURNING w.worker_id
)
DELETE FROM rule_nats_consumer_stats s USING workers w WHERE s.consumer_name = w.worker_id
