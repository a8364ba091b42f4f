-- What the engine's extension has beside its tables, as operators have it installed: the four functions in C are STRICT and know no
-- default, one function wants the extension http, another has a slip of its own. Appended to the engine's tables and to its 007.
DROP FUNCTION rule_webhook_call_unified(integer, jsonb);
CREATE FUNCTION rule_nats_init(config_name text) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$ BEGIN RETURN '{"success": true, "by": "extension"}'; END $$;
CREATE FUNCTION rule_webhook_publish_nats(webhook_id integer, payload jsonb, message_id text) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$ BEGIN RAISE EXCEPTION 'channel closed'; END $$;
CREATE FUNCTION rule_webhook_call_unified(webhook_id integer, payload jsonb) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$ BEGIN RAISE EXCEPTION 'integer is not compatible with JsonB'; END $$;
CREATE FUNCTION rule_nats_health_check(config_name text) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$ BEGIN RETURN '{"success": true, "connected": true, "by": "extension"}'; END $$;
CREATE OR REPLACE FUNCTION rule_webhook_call_status(p_call_id integer) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('call_id', c.call_id, 'status', c.status, 'attempts', count(h.history_id))
            FROM rule_webhook_calls c LEFT JOIN rule_webhook_call_history h USING (call_id)
            WHERE c.call_id = p_call_id GROUP BY c.status);
END
$$;
CREATE FUNCTION rule_webhook_call_with_http(p_webhook_id integer, p_payload jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rule_webhook_calls (webhook_id, payload, status) VALUES (p_webhook_id, p_payload, 'processing');
    PERFORM http_post((SELECT url FROM rule_webhooks WHERE webhook_id = p_webhook_id), p_payload::text);
    RETURN '{"success": true}';
END
$$;
