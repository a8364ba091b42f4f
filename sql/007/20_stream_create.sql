-- SQL API: a stream definition.
-- Writes a stream definition; `wavegate stream ensure` makes the stream itself.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_stream_create(
    p_stream_name text, p_subjects text[], p_config_name text DEFAULT 'default', p_description text DEFAULT NULL,
    p_retention_policy text DEFAULT 'limits', p_max_age_seconds bigint DEFAULT 604800
) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    v_stream_id integer;
BEGIN
    IF coalesce(p_stream_name, '') = '' OR coalesce(cardinality(p_subjects), 0) = 0 THEN
        RAISE EXCEPTION 'a stream name and at least one subject are wanted' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO {schema}.rule_nats_streams (config_id, stream_name, subjects, description, retention_policy, max_age_seconds)
    SELECT c.config_id, p_stream_name, p_subjects, p_description, p_retention_policy, p_max_age_seconds
    FROM {schema}.rule_nats_config c WHERE c.config_name = p_config_name
    RETURNING stream_id INTO v_stream_id;
    IF v_stream_id IS NULL THEN
        RAISE EXCEPTION 'there is no NATS config %', p_config_name USING ERRCODE = 'no_data_found';
    END IF;
    RETURN v_stream_id;
END
$$;
