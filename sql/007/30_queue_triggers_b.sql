-- Other people's changes to queue rows of two-route events are noted, never applied here: an insert locks no row of ours,
-- so we can neither block nor abort a foreign worker. Our own sessions carry wavegate.actor and are skipped.
CREATE OR REPLACE FUNCTION wavegate.note_foreign_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO wavegate.foreign_results (event_id, call_id, status, http_status, error)
    VALUES (NEW.event_id, (to_jsonb(NEW) ->> TG_ARGV[0])::bigint,
            CASE NEW.status WHEN 'success' THEN 'success' WHEN 'failed' THEN 'failed' ELSE 'requeued' END,
            NEW.response_status, NEW.error_message);
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION wavegate.note_foreign_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO wavegate.foreign_results (event_id, call_id, status)
    VALUES (OLD.event_id, (to_jsonb(OLD) ->> TG_ARGV[0])::bigint, 'deleted');
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION wavegate.note_foreign_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
AS $$
BEGIN
    INSERT INTO wavegate.foreign_results (status) VALUES ('truncated');
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS wavegate_foreign_update ON rule_webhook_queue;
CREATE TRIGGER wavegate_foreign_update AFTER UPDATE OF status ON rule_webhook_queue FOR EACH ROW
WHEN (NEW.two_route AND OLD.status IS DISTINCT FROM NEW.status
      AND (NEW.status IN ('success', 'failed') OR OLD.status = 'failed' AND NEW.status IN ('pending', 'retrying'))
      AND current_setting('wavegate.actor', true) IS DISTINCT FROM 'wavegate')
EXECUTE FUNCTION wavegate.note_foreign_update('queue_id');
DROP TRIGGER IF EXISTS wavegate_foreign_delete ON rule_webhook_queue;
CREATE TRIGGER wavegate_foreign_delete AFTER DELETE ON rule_webhook_queue FOR EACH ROW
WHEN (OLD.two_route)
EXECUTE FUNCTION wavegate.note_foreign_delete('queue_id');
DROP TRIGGER IF EXISTS wavegate_foreign_truncate ON rule_webhook_queue;
CREATE TRIGGER wavegate_foreign_truncate AFTER TRUNCATE ON rule_webhook_queue
FOR EACH STATEMENT EXECUTE FUNCTION wavegate.note_foreign_truncate();
