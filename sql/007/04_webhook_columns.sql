-- Four columns of a webhook.
-- The engine's four columns of a webhook. Constant defaults: no table rewrite; the checks follow on their own.
ALTER TABLE {schema}.rule_webhooks
    ADD COLUMN IF NOT EXISTS nats_enabled boolean DEFAULT false,
    ADD COLUMN IF NOT EXISTS nats_subject text,
    ADD COLUMN IF NOT EXISTS nats_config_id integer,
    ADD COLUMN IF NOT EXISTS publish_mode text DEFAULT 'queue';
