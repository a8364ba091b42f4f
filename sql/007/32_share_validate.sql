-- Existing rows against that check.
-- Checks the rows that stood there already.
ALTER TABLE {schema}.rule_webhooks VALIDATE CONSTRAINT valid_nats_share;
