-- Today's callers, routed by mode.
-- What today's callers use: it routes by mode now, and answers with the call id as ever.
CREATE OR REPLACE FUNCTION {schema}.rule_webhook_enqueue(
    p_webhook_id integer, p_payload jsonb, p_rule_name text DEFAULT NULL, p_scheduled_at timestamptz DEFAULT CURRENT_TIMESTAMP
) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    RETURN (SELECT call_id FROM wavegate.publish($1, $2, $3, $4, NULL, false));
END
$$;
SELECT wavegate.grant_like_queue('{schema}.rule_webhook_enqueue(integer, jsonb, text, timestamptz)', 'INSERT');
SELECT wavegate.grant_to_owner('{schema}.rule_webhook_enqueue(integer, jsonb, text, timestamptz)', 'wavegate.publish(integer, jsonb, text, timestamptz, text, boolean)');
