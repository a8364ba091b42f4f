-- Trigger: the epoch rises.
-- The epoch rises whenever mode, share, subject or config change, whoever changes them.
CREATE OR REPLACE FUNCTION wavegate.raise_epoch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    NEW.mode_epoch := OLD.mode_epoch + 1;
    RETURN NEW;
END
$$;
DROP TRIGGER IF EXISTS wavegate_epoch ON {schema}.rule_webhooks;
CREATE TRIGGER wavegate_epoch BEFORE UPDATE ON {schema}.rule_webhooks FOR EACH ROW
WHEN ((OLD.publish_mode, OLD.nats_share, OLD.nats_subject, OLD.nats_config_id)
      IS DISTINCT FROM (NEW.publish_mode, NEW.nats_share, NEW.nats_subject, NEW.nats_config_id))
EXECUTE FUNCTION wavegate.raise_epoch();
-- Whoever changes them: sessions that replay changes (session_replication_role) as well.
ALTER TABLE {schema}.rule_webhooks ENABLE ALWAYS TRIGGER wavegate_epoch;
