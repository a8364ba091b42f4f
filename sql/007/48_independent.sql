-- Deliveries by foreign NATS workers.
-- Into which life of its stream each config publishes, and since when by our clock: with every life sequences begin anew.
CREATE TABLE IF NOT EXISTS wavegate.stream_life (
    config_id integer     PRIMARY KEY,
    stream    text        NOT NULL,
    made_at   timestamptz NOT NULL,
    since     timestamptz NOT NULL
);
-- Copies that the foreign workers have not acknowledged yet, by their place in the stream. Empty where our workers deliver.
CREATE TABLE IF NOT EXISTS wavegate.unseen (
    event_id   text   PRIMARY KEY,
    stream_seq bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS unseen_by_place ON wavegate.unseen (stream_seq);
