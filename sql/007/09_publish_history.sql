-- The log of publishes.
-- The engine's log of publishes: for people and the guides' views, never authority.
CREATE TABLE IF NOT EXISTS {schema}.rule_nats_publish_history (
    publish_id bigserial PRIMARY KEY,
    webhook_id integer REFERENCES {schema}.rule_webhooks ON DELETE CASCADE,
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
