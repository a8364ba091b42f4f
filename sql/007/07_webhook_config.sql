-- A webhook's settings exist.
-- A webhook's settings exist; NOT VALID needs a lock for an instant only.
ALTER TABLE {schema}.rule_webhooks ADD CONSTRAINT rule_webhooks_nats_config_id_fkey FOREIGN KEY (nats_config_id) REFERENCES {schema}.rule_nats_config (config_id) NOT VALID;
