-- SQL API: connection settings.
-- Makes or changes connection settings.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_configure(
    p_config_name text DEFAULT 'default', p_nats_url text DEFAULT 'nats://localhost:4222', p_auth_type text DEFAULT 'none',
    p_jetstream_enabled boolean DEFAULT true, p_stream_name text DEFAULT 'WEBHOOKS', p_subject_prefix text DEFAULT 'webhooks'
) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    IF coalesce(p_nats_url, '') = '' THEN
        RAISE EXCEPTION 'a NATS URL is wanted' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO {schema}.rule_nats_config AS c (config_name, nats_url, auth_type, jetstream_enabled, stream_name, subject_prefix)
    VALUES (p_config_name, p_nats_url, p_auth_type, p_jetstream_enabled, p_stream_name, p_subject_prefix)
    ON CONFLICT (config_name) DO UPDATE
    SET nats_url = excluded.nats_url, auth_type = excluded.auth_type, jetstream_enabled = excluded.jetstream_enabled,
        stream_name = excluded.stream_name, subject_prefix = excluded.subject_prefix, updated_at = now();
    RETURN true;
END
$$;
