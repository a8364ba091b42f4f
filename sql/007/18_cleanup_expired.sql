-- SQL API: expired history goes.
-- Deletes history whose time is over.
CREATE FUNCTION rule_nats_cleanup_expired() RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM rule_nats_publish_history h WHERE h.expires_at < now();
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
