-- Existing rows against that reference.
-- Checks the rows that stood there already, without holding up readers or writers.
ALTER TABLE {schema}.rule_webhooks VALIDATE CONSTRAINT rule_webhooks_nats_config_id_fkey;
