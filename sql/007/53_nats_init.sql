-- The guide's init, from heartbeats.
-- Nothing is opened here: the relay holds the only NATS connection. The answer is what its heartbeat says.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_init(p_config_name text DEFAULT 'default') RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    health jsonb := wavegate.nats_health($1);
BEGIN
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'success', health -> 'success', 'config', health -> 'config', 'nats_url', health -> 'nats_url',
        'jetstream_enabled', health -> 'jetstream_enabled', 'stream_name', health -> 'stream_name', 'error', health -> 'error'));
END
$$;
SELECT wavegate.grant_to_owner('{schema}.rule_nats_init(text)', 'wavegate.nats_health(text)');
