-- Publishes by the webhook's mode.
-- Publishes by the webhook's mode. Where the engine has this function, its header stays.
CREATE OR REPLACE FUNCTION {schema}.rule_webhook_call_unified(p_webhook_id integer, p_payload jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    v record;
BEGIN
    SELECT * INTO v FROM wavegate.publish($1, $2, NULL, NULL, NULL, false);
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'success', true, 'publish_mode', v.mode, 'event_id', v.event_id,
        'queue', CASE WHEN v.queue_route THEN jsonb_build_object('call_id', v.call_id, 'queue_id', v.call_id, 'status', 'pending') END,
        'nats', CASE WHEN v.nats_route THEN jsonb_build_object('subject', v.subject, 'message_id', v.event_id, 'status', 'outbox') END));
END
$$;
SELECT wavegate.grant_like_queue('{schema}.rule_webhook_call_unified(integer, jsonb)', 'INSERT');
SELECT wavegate.grant_to_owner('{schema}.rule_webhook_call_unified(integer, jsonb)', 'wavegate.publish(integer, jsonb, text, timestamptz, text, boolean)');
