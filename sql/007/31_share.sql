-- A share is a percentage, as a check.
-- A share is a percentage.
ALTER TABLE {schema}.rule_webhooks ADD CONSTRAINT valid_nats_share CHECK (nats_share BETWEEN 0 AND 100) NOT VALID;
