-- Index: queue rows without an event, by number.
-- Rows that came past the unified functions since a step began, whatever time their caller wrote.
CREATE INDEX CONCURRENTLY wavegate_queue_unrouted_number ON {schema}.{queue} (webhook_id, {queue_id}) WHERE event_id IS NULL
