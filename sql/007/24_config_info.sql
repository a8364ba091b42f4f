-- SQL API: settings without secrets.
-- Connection settings, without the secrets.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_config_info(p_config_name text DEFAULT 'default') RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    info json;
BEGIN
    SELECT json_build_object(
        'config_id', c.config_id, 'config_name', c.config_name, 'nats_url', c.nats_url, 'auth_type', c.auth_type,
        'jetstream_enabled', c.jetstream_enabled, 'stream_name', c.stream_name, 'subject_prefix', c.subject_prefix,
        'max_connections', c.max_connections, 'connection_timeout_ms', c.connection_timeout_ms, 'enabled', c.enabled,
        'created_at', c.created_at, 'updated_at', c.updated_at)
    INTO info FROM {schema}.rule_nats_config c WHERE c.config_name = p_config_name;
    IF info IS NULL THEN
        RAISE EXCEPTION 'there is no NATS config %', p_config_name USING ERRCODE = 'no_data_found';
    END IF;
    RETURN info;
END
$$;
