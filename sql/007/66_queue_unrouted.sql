-- Index: queue rows without an event.
-- Rows that came past the unified functions, and those of the time before: who counts them reads no others. What is routed is not in it.
CREATE INDEX CONCURRENTLY wavegate_queue_unrouted ON {schema}.{queue} (webhook_id, created_at) WHERE event_id IS NULL
