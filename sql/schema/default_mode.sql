-- The mode in which webhooks made later begin. {mode} and {enabled}: `nats` and true, or as migration 007 made the columns.
ALTER TABLE {schema}.rule_webhooks ALTER COLUMN publish_mode SET DEFAULT '{mode}', ALTER COLUMN nats_enabled SET DEFAULT {enabled}
