-- Index: one queue row an event.
-- One queue row an event. Rows of the time before have none.
CREATE UNIQUE INDEX CONCURRENTLY wavegate_queue_event ON {schema}.{queue} (event_id) WHERE event_id IS NOT NULL
