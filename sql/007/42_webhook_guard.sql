-- Trigger: undelivered events hold a webhook.
-- A webhook with undelivered events cannot be deleted.
CREATE OR REPLACE FUNCTION wavegate.guard_webhook() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.rule_webhook_events e
               WHERE e.webhook_id = OLD.webhook_id AND NOT e.ended) THEN
        RAISE EXCEPTION 'webhook % (%) has undelivered events', OLD.webhook_id, OLD.webhook_name
            USING ERRCODE = 'object_in_use', HINT = 'disable it, let wavegate deliver or discard its events, then delete it';
    END IF;
    RETURN OLD;
END
$$;
DROP TRIGGER IF EXISTS wavegate_guard ON {schema}.rule_webhooks;
CREATE TRIGGER wavegate_guard BEFORE DELETE ON {schema}.rule_webhooks FOR EACH ROW EXECUTE FUNCTION wavegate.guard_webhook();
CREATE OR REPLACE FUNCTION wavegate.guard_webhooks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.rule_webhook_events e WHERE NOT e.ended) THEN
        RAISE EXCEPTION 'there are undelivered webhook events' USING ERRCODE = 'object_in_use';
    END IF;
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS wavegate_guard_truncate ON {schema}.rule_webhooks;
CREATE TRIGGER wavegate_guard_truncate BEFORE TRUNCATE ON {schema}.rule_webhooks FOR EACH STATEMENT EXECUTE FUNCTION wavegate.guard_webhooks();
-- Also in sessions that replay changes, where no foreign key would hold the webhook.
ALTER TABLE {schema}.rule_webhooks ENABLE ALWAYS TRIGGER wavegate_guard, ENABLE ALWAYS TRIGGER wavegate_guard_truncate;
