-- Trigger: other people's results are noted.
-- Other people's changes to queue rows of two-route events are noted, never applied here: an insert locks no row of ours,
-- so we can neither block nor abort a foreign worker. Our own sessions carry wavegate.actor and are skipped; that word counts
-- for the roles of relay, workers and operators only.
CREATE OR REPLACE FUNCTION wavegate.note_foreign_update() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    INSERT INTO wavegate.foreign_results (event_id, call_id, status, http_status, error)
    VALUES (NEW.event_id, NEW.{queue_id},
            CASE NEW.status WHEN 'success' THEN 'success' WHEN 'failed' THEN 'failed' ELSE 'requeued' END,
            NEW.response_status, NEW.error_message);
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION wavegate.note_foreign_delete() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    INSERT INTO wavegate.foreign_results (event_id, call_id, status)
    VALUES (OLD.event_id, OLD.{queue_id}, 'deleted');
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION wavegate.note_foreign_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    INSERT INTO wavegate.foreign_results (status) VALUES ('truncated');
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS wavegate_foreign_update ON {schema}.{queue};
CREATE TRIGGER wavegate_foreign_update AFTER UPDATE OF status ON {schema}.{queue} FOR EACH ROW
WHEN (NEW.two_route AND OLD.status IS DISTINCT FROM NEW.status
      AND (NEW.status IN ('success', 'failed') OR OLD.status = 'failed' AND NEW.status IN ('pending', 'retrying'))
      AND (current_setting('wavegate.actor', true) IS DISTINCT FROM 'wavegate'
           OR NOT has_table_privilege(current_user, 'wavegate.worker', 'INSERT')
              AND NOT has_table_privilege(current_user, 'wavegate.journal', 'INSERT')))
EXECUTE FUNCTION wavegate.note_foreign_update();
DROP TRIGGER IF EXISTS wavegate_foreign_delete ON {schema}.{queue};
CREATE TRIGGER wavegate_foreign_delete AFTER DELETE ON {schema}.{queue} FOR EACH ROW
WHEN (OLD.two_route)
EXECUTE FUNCTION wavegate.note_foreign_delete();
DROP TRIGGER IF EXISTS wavegate_foreign_truncate ON {schema}.{queue};
CREATE TRIGGER wavegate_foreign_truncate AFTER TRUNCATE ON {schema}.{queue}
FOR EACH STATEMENT EXECUTE FUNCTION wavegate.note_foreign_truncate();
-- Also what sessions do that replay changes (session_replication_role).
ALTER TABLE {schema}.{queue} ENABLE ALWAYS TRIGGER wavegate_foreign_update, ENABLE ALWAYS TRIGGER wavegate_foreign_delete,
    ENABLE ALWAYS TRIGGER wavegate_foreign_truncate;
