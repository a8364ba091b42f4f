-- The rule engine's webhook tables and functions as its migration 005 leaves them (shape A), for rehearsals and tests.
CREATE TABLE rule_webhooks (
    webhook_id serial PRIMARY KEY,
    webhook_name text NOT NULL UNIQUE,
    description text,
    url text NOT NULL,
    method text DEFAULT 'POST' CHECK (method IN ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
    headers jsonb DEFAULT '{}',
    timeout_ms integer DEFAULT 5000 CHECK (timeout_ms BETWEEN 1 AND 60000),
    retry_enabled boolean DEFAULT true,
    max_retries integer DEFAULT 3 CHECK (max_retries BETWEEN 0 AND 10),
    retry_delay_ms integer DEFAULT 1000 CHECK (retry_delay_ms >= 0),
    retry_backoff_multiplier numeric DEFAULT 2.0 CHECK (retry_backoff_multiplier >= 1.0),
    enabled boolean DEFAULT true,
    created_at timestamptz DEFAULT now(),
    created_by text DEFAULT CURRENT_USER,
    updated_at timestamptz DEFAULT now(),
    tags text[] DEFAULT '{}'
);
CREATE TABLE rule_webhook_secrets (
    secret_id serial PRIMARY KEY,
    webhook_id integer REFERENCES rule_webhooks ON DELETE CASCADE,
    secret_name text NOT NULL,
    secret_value text NOT NULL,
    created_at timestamptz DEFAULT now(),
    created_by text DEFAULT CURRENT_USER,
    UNIQUE (webhook_id, secret_name)
);
CREATE TABLE rule_webhook_calls (
    call_id serial PRIMARY KEY,
    webhook_id integer REFERENCES rule_webhooks ON DELETE CASCADE,
    status text DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'success', 'failed', 'retrying')),
    payload jsonb NOT NULL,
    rule_name text,
    rule_execution_id bigint,
    scheduled_at timestamptz DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    retry_count integer DEFAULT 0,
    next_retry_at timestamptz,
    response_status integer,
    response_body text,
    response_headers jsonb,
    error_message text,
    execution_time_ms numeric,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE rule_webhook_call_history (
    history_id serial PRIMARY KEY,
    call_id integer REFERENCES rule_webhook_calls ON DELETE CASCADE,
    attempt_number integer NOT NULL,
    started_at timestamptz DEFAULT now(),
    completed_at timestamptz,
    response_status integer,
    response_body text,
    error_message text,
    execution_time_ms numeric
);
CREATE INDEX idx_webhook_calls_status ON rule_webhook_calls (status, scheduled_at);
CREATE INDEX idx_webhook_calls_webhook ON rule_webhook_calls (webhook_id, created_at DESC);
CREATE INDEX idx_webhook_calls_retry ON rule_webhook_calls (next_retry_at) WHERE status = 'retrying';
CREATE TABLE schema_migrations (version text PRIMARY KEY, description text, applied_at timestamptz DEFAULT now());
INSERT INTO schema_migrations (version, description) VALUES ('005', 'webhooks');

CREATE FUNCTION rule_webhook_enqueue(p_webhook_id integer, p_payload jsonb, p_rule_name text DEFAULT NULL,
                                     p_scheduled_at timestamptz DEFAULT CURRENT_TIMESTAMP) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    hook rule_webhooks%ROWTYPE;
    id integer;
BEGIN
    SELECT * INTO hook FROM rule_webhooks WHERE webhook_id = p_webhook_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no webhook with id %', p_webhook_id;
    ELSIF NOT hook.enabled THEN
        RAISE EXCEPTION 'webhook % is switched off', hook.webhook_name;
    END IF;
    INSERT INTO rule_webhook_calls (webhook_id, payload, rule_name, scheduled_at)
    VALUES (p_webhook_id, p_payload, p_rule_name, p_scheduled_at) RETURNING call_id INTO id;
    RETURN id;
END
$$;
CREATE FUNCTION rule_webhook_call(p_webhook_id integer, p_payload jsonb) RETURNS json
LANGUAGE sql AS $$
    SELECT json_build_object('success', true, 'call_id', rule_webhook_enqueue(p_webhook_id, p_payload), 'status', 'enqueued')
$$;
CREATE FUNCTION rule_webhook_call_status(p_call_id integer) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT row_to_json(c) FROM rule_webhook_calls c WHERE c.call_id = p_call_id),
                    json_build_object('error', 'Call not found'))
$$;
CREATE FUNCTION rule_webhook_retry(p_call_id integer) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rule_webhook_calls c
    SET status = 'retrying', retry_count = c.retry_count + 1,
        next_retry_at = now() + w.retry_delay_ms * w.retry_backoff_multiplier ^ c.retry_count * interval '1 ms'
    FROM rule_webhooks w
    WHERE c.call_id = p_call_id AND w.webhook_id = c.webhook_id AND w.retry_enabled AND c.retry_count < w.max_retries;
    RETURN FOUND;
END
$$;
CREATE FUNCTION rule_webhook_cleanup_old_calls(p_older_than interval DEFAULT '30 days', p_keep_failed boolean DEFAULT true)
RETURNS bigint
LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM rule_webhook_calls
        WHERE created_at < now() - p_older_than AND (NOT p_keep_failed OR status = 'success')
        RETURNING 1
    )
    SELECT count(*) FROM gone
$$;
