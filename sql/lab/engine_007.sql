-- The engine's own migration 007 and SQL API, in our words: for tests of adoption. Runs on both shapes.
CREATE TABLE rule_nats_config (
    config_id serial PRIMARY KEY,
    config_name text NOT NULL UNIQUE DEFAULT 'default',
    nats_url text NOT NULL DEFAULT 'nats://localhost:4222',
    nats_cluster_urls text[],
    auth_type text DEFAULT 'none',
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
    created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT valid_auth_type CHECK (auth_type IN ('none', 'token', 'credentials', 'nkey'))
);
INSERT INTO rule_nats_config (config_name) VALUES ('default');
CREATE TABLE rule_nats_streams (
    stream_id serial PRIMARY KEY,
    config_id integer NOT NULL REFERENCES rule_nats_config (config_id) ON DELETE CASCADE,
    stream_name text NOT NULL,
    subjects text[] NOT NULL,
    description text,
    storage_type text DEFAULT 'file',
    max_messages bigint DEFAULT 1000000,
    max_bytes bigint DEFAULT 1073741824,
    max_age_seconds bigint DEFAULT 604800,
    retention_policy text DEFAULT 'limits',
    discard_policy text DEFAULT 'old',
    replicas integer DEFAULT 1,
    duplicate_window_seconds integer DEFAULT 120,
    enabled boolean DEFAULT true,
    created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (config_id, stream_name),
    CONSTRAINT valid_storage CHECK (storage_type IN ('memory', 'file')),
    CONSTRAINT valid_retention CHECK (retention_policy IN ('limits', 'interest', 'workqueue')),
    CONSTRAINT valid_discard CHECK (discard_policy IN ('old', 'new'))
);
CREATE INDEX idx_nats_streams_config ON rule_nats_streams (config_id);
ALTER TABLE rule_webhooks
    ADD COLUMN nats_enabled boolean DEFAULT false,
    ADD COLUMN nats_subject text,
    ADD COLUMN nats_config_id integer REFERENCES rule_nats_config (config_id),
    ADD COLUMN publish_mode text DEFAULT 'queue',
    ADD CONSTRAINT valid_publish_mode CHECK (publish_mode IN ('queue', 'nats', 'both'));
CREATE INDEX idx_webhooks_nats_enabled ON rule_webhooks (nats_enabled) WHERE nats_enabled = true;
CREATE TABLE rule_nats_publish_history (
    publish_id bigserial PRIMARY KEY,
    webhook_id integer REFERENCES rule_webhooks (webhook_id) ON DELETE CASCADE,
    subject text NOT NULL,
    payload jsonb NOT NULL,
    headers jsonb,
    published_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    message_id text,
    sequence_number bigint,
    success boolean NOT NULL,
    error_message text,
    latency_ms numeric(10,2),
    triggered_by text,
    rule_execution_id bigint,
    expires_at timestamptz DEFAULT CURRENT_TIMESTAMP + interval '7 days'
);
CREATE INDEX idx_nats_publish_webhook ON rule_nats_publish_history (webhook_id);
CREATE INDEX idx_nats_publish_time ON rule_nats_publish_history (published_at DESC);
CREATE INDEX idx_nats_publish_expires ON rule_nats_publish_history (expires_at);
CREATE TABLE rule_nats_consumer_stats (
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
    created_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz DEFAULT CURRENT_TIMESTAMP,
    UNIQUE (stream_name, consumer_name)
);
CREATE VIEW nats_publish_summary AS
SELECT w.webhook_id, w.webhook_name, w.nats_subject AS subject, w.publish_mode, count(h.publish_id) AS total_published,
       count(*) FILTER (WHERE h.success) AS successful, count(*) FILTER (WHERE NOT h.success) AS failed,
       round(100.0 * count(*) FILTER (WHERE h.success) / nullif(count(*), 0), 2) AS success_rate_pct,
       round(avg(h.latency_ms), 2) AS avg_latency_ms, min(h.latency_ms) AS min_latency_ms, max(h.latency_ms) AS max_latency_ms,
       max(h.published_at) AS last_published_at
FROM rule_webhooks w LEFT JOIN rule_nats_publish_history h ON h.webhook_id = w.webhook_id
WHERE w.nats_enabled GROUP BY 1, 2, 3, 4;
CREATE VIEW nats_recent_failures AS
SELECT h.publish_id, w.webhook_name, h.subject, h.error_message, h.payload, h.published_at, h.latency_ms
FROM rule_nats_publish_history h JOIN rule_webhooks w ON w.webhook_id = h.webhook_id
WHERE NOT h.success AND h.published_at > now() - interval '1 day' ORDER BY h.published_at DESC LIMIT 100;
CREATE VIEW nats_performance_stats AS
SELECT w.webhook_name, h.subject, count(*) AS message_count, round(avg(h.latency_ms), 2) AS avg_latency_ms,
       min(h.latency_ms) AS min_latency_ms, max(h.latency_ms) AS max_latency_ms,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY h.latency_ms) AS p50_latency_ms,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY h.latency_ms) AS p95_latency_ms,
       percentile_cont(0.99) WITHIN GROUP (ORDER BY h.latency_ms) AS p99_latency_ms
FROM rule_nats_publish_history h JOIN rule_webhooks w ON w.webhook_id = h.webhook_id
WHERE h.success AND h.published_at > now() - interval '1 day' GROUP BY 1, 2;
CREATE FUNCTION rule_nats_cleanup_old_history(p_older_than interval DEFAULT '30 days', p_keep_failed boolean DEFAULT true) RETURNS bigint
LANGUAGE sql AS $$
    WITH gone AS (DELETE FROM rule_nats_publish_history WHERE published_at < now() - $1 AND (success OR NOT $2) RETURNING 1)
    SELECT count(*) FROM gone
$$;
CREATE FUNCTION rule_nats_stats(p_webhook_id integer DEFAULT NULL, p_hours integer DEFAULT 24) RETURNS json
LANGUAGE sql AS $$ SELECT json_build_object('total_published', count(*)) FROM rule_nats_publish_history WHERE webhook_id = $1 OR $1 IS NULL $$;
CREATE FUNCTION rule_nats_test_connection(p_config_name text DEFAULT 'default') RETURNS json
LANGUAGE sql AS $$ SELECT json_build_object('success', true, 'message', 'believed, not measured') $$;
-- What its C functions look like from outside.
CREATE FUNCTION rule_webhook_call_unified(webhook_id integer, payload jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'integer is not compatible with JsonB'; END $$;
