-- Stream definitions.
-- The engine's stream definitions.
CREATE TABLE IF NOT EXISTS {schema}.rule_nats_streams (
    stream_id serial PRIMARY KEY,
    config_id integer NOT NULL REFERENCES {schema}.rule_nats_config ON DELETE CASCADE,
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
