-- The four functions that the engine's extension owns, as plain SQL.
CREATE FUNCTION rule_nats_init(config_name text) RETURNS jsonb
LANGUAGE plpgsql AS $$ BEGIN RETURN '{"success": true, "by": "extension"}'; END $$;
CREATE FUNCTION rule_webhook_publish_nats(webhook_id integer, payload jsonb, message_id text) RETURNS jsonb
LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'channel closed'; END $$;
CREATE FUNCTION rule_webhook_call_unified(webhook_id integer, payload jsonb) RETURNS jsonb
LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'integer is not compatible with JsonB'; END $$;
CREATE FUNCTION rule_nats_health_check(config_name text) RETURNS jsonb
LANGUAGE plpgsql AS $$ BEGIN RETURN '{"success": true, "connected": true, "by": "extension"}'; END $$;
