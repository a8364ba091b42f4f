-- Connection settings, with the default row.
-- The engine's connection settings, with its default row.
CREATE TABLE IF NOT EXISTS {schema}.rule_nats_config (
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
INSERT INTO {schema}.rule_nats_config (config_name) VALUES ('default') ON CONFLICT DO NOTHING;
