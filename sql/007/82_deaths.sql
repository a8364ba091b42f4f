-- Trigger: a death is remembered.
-- Whoever says that an event is dead, and whatever becomes of it later: a gate that looks after a requeue counts the
-- failure all the same. One that died before this step is remembered when it leaves its state.
CREATE OR REPLACE FUNCTION wavegate.remember_death() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    NEW.died_at := clock_timestamp();
    RETURN NEW;
END
$$;
DROP TRIGGER IF EXISTS wavegate_death ON {schema}.rule_webhook_events;
CREATE TRIGGER wavegate_death BEFORE UPDATE OF state ON {schema}.rule_webhook_events FOR EACH ROW
WHEN (NEW.died_at IS NULL AND (NEW.state = 'dead' OR OLD.state = 'dead'))
EXECUTE FUNCTION wavegate.remember_death();
