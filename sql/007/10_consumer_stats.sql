-- Statistics of consumers.
-- The engine's statistics of consumers.
CREATE TABLE IF NOT EXISTS {schema}.rule_nats_consumer_stats (
    consumer_id serial PRIMARY KEY,
    stream_name text NOT NULL,
    consumer_name text NOT NULL,
    queue_group text,
    ack_policy text,
    max_deliver integer,
    messages_delivered bigint DEFAULT 0,
    messages_acknowledged bigint DEFAULT 0,
    messages_pending bigint DEFAULT 0,
    messages_redelivered bigint DEFAULT 0,
    avg_processing_time_ms numeric(10,2),
    last_active_at timestamptz,
    active boolean DEFAULT true,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    UNIQUE (stream_name, consumer_name)
);
