-- SQL API: history goes by age.
-- Deletes history by age; failures are kept unless told otherwise.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_cleanup_old_history(p_older_than interval DEFAULT '30 days', p_keep_failed boolean DEFAULT true) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    gone bigint;
BEGIN
    DELETE FROM {schema}.rule_nats_publish_history h
    WHERE h.published_at < now() - p_older_than AND (h.success OR NOT p_keep_failed);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
