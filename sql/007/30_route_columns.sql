-- Share, takeover delay, epoch.
-- Canary share, takeover delay and epoch of a webhook. Constant defaults: no table rewrite.
ALTER TABLE {schema}.rule_webhooks
    ADD COLUMN IF NOT EXISTS nats_share smallint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS nats_takeover_after_ms integer NOT NULL DEFAULT 30000,
    ADD COLUMN IF NOT EXISTS mode_epoch bigint NOT NULL DEFAULT 0;
