-- The functions that callers know. The headers are the engine's; where one exists already, its own parameter names are
-- kept by the installer.
CREATE OR REPLACE FUNCTION rule_webhook_call_unified(p_webhook_id integer, p_payload jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT
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

CREATE OR REPLACE FUNCTION rule_webhook_enqueue(
    p_webhook_id integer, p_payload jsonb, p_rule_name text DEFAULT NULL, p_scheduled_at timestamptz DEFAULT CURRENT_TIMESTAMP
) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ SELECT call_id::integer FROM wavegate.publish($1, $2, $3, $4, NULL, false) $$;

CREATE OR REPLACE FUNCTION rule_webhook_publish_nats(p_webhook_id integer, p_payload jsonb, p_message_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path FROM CURRENT
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
