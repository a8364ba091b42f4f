-- The engine's own test, measured.
-- The same facts in the form of the engine's own test.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_test_connection(p_config_name text DEFAULT 'default') RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    health jsonb := wavegate.nats_health($1);
BEGIN
    RETURN json_build_object(
        'success', health -> 'connected',
        'message', coalesce(health ->> 'error', 'a relay is connected and NATS acknowledges'),
        'config', json_build_object('name', health -> 'config', 'url', health -> 'nats_url', 'jetstream', health -> 'jetstream_enabled'));
END
$$;
SELECT wavegate.grant_to_owner('{schema}.rule_nats_test_connection(text)', 'wavegate.nats_health(text)');
