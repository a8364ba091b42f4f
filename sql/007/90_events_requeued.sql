-- Index: events that were requeued after they had died.
-- A look finds here the few that may count as something else than dead.
CREATE INDEX CONCURRENTLY wavegate_events_requeued ON {schema}.rule_webhook_events (event_id) WHERE requeued
