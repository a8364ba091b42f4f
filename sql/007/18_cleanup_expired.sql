-- SQL API: expired history goes.
-- Deletes history whose time is over.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_cleanup_expired() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM {schema}.rule_nats_publish_history h WHERE h.expires_at < now();
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
