-- Index: newest history.
-- The newest history.
CREATE INDEX CONCURRENTLY wavegate_history_by_time ON {schema}.rule_nats_publish_history (published_at DESC)
