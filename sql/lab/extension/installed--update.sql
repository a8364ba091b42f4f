-- An update of the engine's extension: it writes functions of its own anew and adds a column.
CREATE OR REPLACE FUNCTION rule_webhook_call_unified(webhook_id integer, payload jsonb) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$ BEGIN RAISE EXCEPTION 'integer is still not compatible with JsonB'; END $$;
CREATE OR REPLACE FUNCTION rule_nats_health_check(config_name text) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$ BEGIN RETURN '{"success": true, "connected": true, "by": "update"}'; END $$;
ALTER TABLE rule_webhooks ADD COLUMN priority integer DEFAULT 0;
