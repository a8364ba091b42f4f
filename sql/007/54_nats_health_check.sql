-- The guide's health check, measured.
-- Health as measured by the relays, not as believed by a session.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_health_check(p_config_name text DEFAULT 'default') RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    health jsonb := wavegate.nats_health($1);
BEGIN
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'success', health -> 'success', 'config', health -> 'config', 'connected', health -> 'connected',
        'pool_stats', health -> 'pool_stats', 'jetstream_enabled', health -> 'jetstream_enabled',
        'last_ack_at', health -> 'last_ack_at', 'error', health -> 'error'));
END
$$;
SELECT wavegate.grant_to_owner('{schema}.rule_nats_health_check(text)', 'wavegate.nats_health(text)');
