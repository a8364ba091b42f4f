-- Existing rows against that check.
-- Checks the rows that stood there already.
ALTER TABLE rule_webhooks VALIDATE CONSTRAINT valid_nats_share;
