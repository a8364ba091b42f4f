-- Deliveries by foreign NATS workers.
-- Into which life of its stream each config publishes, and since when by our clock: with every life sequences begin anew.
CREATE TABLE IF NOT EXISTS wavegate.stream_life (
    config_id integer     PRIMARY KEY,
    stream    text        NOT NULL,
    made_at   timestamptz NOT NULL,
    since     timestamptz NOT NULL
);
-- Copies that nobody has seen yet, by their place in the stream.
CREATE INDEX IF NOT EXISTS wavegate_events_unseen ON rule_webhook_events (stream_seq) WHERE stream_seq IS NOT NULL AND nats_seen_at IS NULL;
