-- Index: history that may go.
-- History that may go.
CREATE INDEX CONCURRENTLY wavegate_history_by_expiry ON {schema}.rule_nats_publish_history (expires_at)
