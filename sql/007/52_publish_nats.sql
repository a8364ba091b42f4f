-- Publishes by NATS alone.
-- Publishes by the NATS route alone; the caller's own id makes it one event.
CREATE OR REPLACE FUNCTION {schema}.rule_webhook_publish_nats(p_webhook_id integer, p_payload jsonb, p_message_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    v record;
BEGIN
    SELECT * INTO v FROM wavegate.publish($1, $2, NULL, NULL, $3, true);
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'success', true, 'publish_mode', v.mode, 'event_id', v.event_id, 'message_id', v.event_id,
        'subject', CASE WHEN v.nats_route THEN v.subject END, 'duplicate', v.duplicate,
        'status', CASE WHEN v.duplicate THEN 'duplicate' WHEN v.nats_route THEN 'outbox' ELSE 'pending' END));
END
$$;
SELECT wavegate.grant_like_queue('{schema}.rule_webhook_publish_nats(integer, jsonb, text)', 'INSERT');
SELECT wavegate.grant_to_owner('{schema}.rule_webhook_publish_nats(integer, jsonb, text)', 'wavegate.publish(integer, jsonb, text, timestamptz, text, boolean)');
