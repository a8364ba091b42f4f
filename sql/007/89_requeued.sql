-- Trigger: a requeue is remembered.
-- A look at gates has counted an event that died as dead, for good; whoever requeues it, and whatever becomes of it, the
-- next one counts it as what it is then.
CREATE OR REPLACE FUNCTION wavegate.remember_requeue() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    NEW.requeued := true;
    RETURN NEW;
END
$$;
DROP TRIGGER IF EXISTS wavegate_requeue ON {schema}.rule_webhook_events;
CREATE TRIGGER wavegate_requeue BEFORE UPDATE OF state ON {schema}.rule_webhook_events FOR EACH ROW
WHEN (OLD.state = 'dead' AND NEW.state <> 'dead')
EXECUTE FUNCTION wavegate.remember_requeue();
