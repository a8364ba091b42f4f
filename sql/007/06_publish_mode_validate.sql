-- Existing rows against that check.
-- Checks the rows that stood there already, without holding up readers or writers.
ALTER TABLE {schema}.rule_webhooks VALIDATE CONSTRAINT valid_publish_mode;
