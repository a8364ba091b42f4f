-- The three modes, as a check.
-- The three modes; NOT VALID needs a lock for an instant only.
ALTER TABLE {schema}.rule_webhooks ADD CONSTRAINT valid_publish_mode CHECK (publish_mode IN ('queue', 'nats', 'both')) NOT VALID;
