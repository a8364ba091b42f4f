-- What the engine's own migration 007 creates: same names, columns, types, defaults and constraints.
CREATE TABLE IF NOT EXISTS rule_nats_config (
    config_id serial PRIMARY KEY,
    config_name text NOT NULL UNIQUE DEFAULT 'default',
    nats_url text NOT NULL DEFAULT 'nats://localhost:4222',
    nats_cluster_urls text[],
    auth_type text DEFAULT 'none' CONSTRAINT valid_auth_type CHECK (auth_type IN ('none', 'token', 'credentials', 'nkey')),
    auth_token text,
    auth_credentials_file text,
    auth_nkey_seed text,
    tls_enabled boolean DEFAULT false,
    tls_cert_file text,
    tls_key_file text,
    tls_ca_file text,
    max_connections integer DEFAULT 10,
    connection_timeout_ms integer DEFAULT 5000,
    reconnect_delay_ms integer DEFAULT 2000,
    max_reconnect_attempts integer DEFAULT -1,
    jetstream_enabled boolean DEFAULT true,
    stream_name text DEFAULT 'WEBHOOKS',
    subject_prefix text DEFAULT 'webhooks',
    enabled boolean DEFAULT true,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
INSERT INTO rule_nats_config (config_name) VALUES ('default') ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS rule_nats_streams (
    stream_id serial PRIMARY KEY,
    config_id integer NOT NULL REFERENCES rule_nats_config ON DELETE CASCADE,
    stream_name text NOT NULL,
    subjects text[] NOT NULL,
    description text,
    storage_type text DEFAULT 'file' CONSTRAINT valid_storage CHECK (storage_type IN ('memory', 'file')),
    max_messages bigint DEFAULT 1000000,
    max_bytes bigint DEFAULT 1073741824,
    max_age_seconds bigint DEFAULT 604800,
    retention_policy text DEFAULT 'limits' CONSTRAINT valid_retention CHECK (retention_policy IN ('limits', 'interest', 'workqueue')),
    discard_policy text DEFAULT 'old' CONSTRAINT valid_discard CHECK (discard_policy IN ('old', 'new')),
    replicas integer DEFAULT 1,
    duplicate_window_seconds integer DEFAULT 120,
    enabled boolean DEFAULT true,
    created_at timestamptz DEFAULT now(),
    UNIQUE (config_id, stream_name)
);
ALTER TABLE rule_webhooks
    ADD COLUMN IF NOT EXISTS nats_enabled boolean DEFAULT false,
    ADD COLUMN IF NOT EXISTS nats_subject text,
    ADD COLUMN IF NOT EXISTS nats_config_id integer REFERENCES rule_nats_config,
    ADD COLUMN IF NOT EXISTS publish_mode text DEFAULT 'queue';
ALTER TABLE rule_webhooks ADD CONSTRAINT valid_publish_mode CHECK (publish_mode IN ('queue', 'nats', 'both'));
CREATE TABLE IF NOT EXISTS rule_nats_publish_history (
    publish_id bigserial PRIMARY KEY,
    webhook_id integer REFERENCES rule_webhooks ON DELETE CASCADE,
    subject text NOT NULL,
    payload jsonb NOT NULL,
    headers jsonb,
    published_at timestamptz DEFAULT now(),
    message_id text,
    sequence_number bigint,
    success boolean NOT NULL,
    error_message text,
    latency_ms numeric(10,2),
    triggered_by text,
    rule_execution_id bigint,
    expires_at timestamptz DEFAULT now() + interval '7 days'
);
CREATE TABLE IF NOT EXISTS rule_nats_consumer_stats (
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
