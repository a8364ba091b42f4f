-- Digests of payloads; the older check of states goes.
-- What the event was born with, and what was sent: sha256 of the payload's text in UTF-8. NULL: born before, or not sent yet.
ALTER TABLE {schema}.rule_webhook_events
    ADD COLUMN IF NOT EXISTS payload_digest bytea,
    ADD COLUMN IF NOT EXISTS sent_digest    bytea;
-- Bytes of the payload's text, so that reads are bounded; NULL: born before, or a text that PostgreSQL cannot make.
ALTER TABLE {schema}.rule_nats_outbox
    ADD COLUMN IF NOT EXISTS payload_bytes integer;
-- Schema version 1 knew no stuck events.
ALTER TABLE {schema}.rule_webhook_events DROP CONSTRAINT IF EXISTS rule_webhook_events_state_check;
