-- Health as the relays measure it.
-- What the relays of a config tell about its NATS: seen within 10 s, and the last word from the server was an acknowledgement.
CREATE OR REPLACE FUNCTION wavegate.nats_health(p_config_name text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    v_config {schema}.rule_nats_config%ROWTYPE;
    v_relays bigint;
    v_healthy bigint;
    v_served numeric;
    v_last_ack timestamptz;
    v_last_error text;
    v_error text;
BEGIN
    SELECT * INTO v_config FROM {schema}.rule_nats_config c WHERE c.config_name = coalesce(p_config_name, 'default');
    IF NOT FOUND THEN
        RETURN jsonb_build_object('success', false, 'config', p_config_name, 'connected', false,
                                  'error', format('there is no NATS config %s', p_config_name));
    END IF;
    SELECT count(*), coalesce(sum(r.published), 0), max(r.last_ack_at),
           count(*) FILTER (WHERE r.last_ack_at IS NOT NULL AND (r.last_error_at IS NULL OR r.last_ack_at >= r.last_error_at)),
           (array_agg(r.last_error ORDER BY r.last_error_at DESC NULLS LAST))[1]
    INTO v_relays, v_served, v_last_ack, v_healthy, v_last_error
    FROM wavegate.relay r
    WHERE r.stopped_at IS NULL AND r.seen_at >= clock_timestamp() - interval '10 seconds'
      AND (r.config_id = v_config.config_id OR r.config_id IS NULL);
    v_error := CASE
        WHEN NOT coalesce(v_config.enabled, true) THEN format('NATS config %s is disabled', v_config.config_name)
        WHEN v_relays = 0 THEN 'no relay was heard from in the last 10 seconds; start one with: wavegate relay'
            || CASE WHEN v_config.config_name <> 'default' THEN ' --config ' || v_config.config_name ELSE '' END
        WHEN v_healthy = 0 THEN coalesce('NATS does not acknowledge: ' || v_last_error, 'NATS has not acknowledged anything yet')
    END;
    RETURN jsonb_build_object(
        'success', v_error IS NULL, 'config', v_config.config_name, 'connected', v_healthy > 0, 'error', v_error,
        -- Nothing between // and the last @ of a URL. A password may hold commas: the next URL begins where a comma and a scheme are.
        'nats_url', regexp_replace(v_config.nats_url, '(^|, *)([a-z][a-z0-9+.-]*://)?(?:(?!, *[a-z][a-z0-9+.-]*://).)*@', E'\\1\\2', 'gi'),
        'jetstream_enabled', v_config.jetstream_enabled, 'stream_name', v_config.stream_name, 'last_ack_at', v_last_ack,
        'pool_stats', jsonb_build_object(
            'total_connections', v_relays, 'healthy_connections', v_healthy,
            'health_percentage', CASE WHEN v_relays > 0 THEN round(100.0 * v_healthy / v_relays, 1) END,
            'requests_served', v_served));
END
$$;
REVOKE ALL ON FUNCTION wavegate.nats_health(text) FROM PUBLIC;
