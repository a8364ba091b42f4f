-- Retry of ids in the ledger too.
-- Another attempt also where the id lives in the ledger alone: a dead event gets one more. Other ids go to the engine's own. What was
-- delivered is not sent again, in any mode: false, and nothing changes.
CREATE OR REPLACE FUNCTION wavegate.event_retry(p_call_id bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM {schema}.rule_webhook_events e WHERE e.call_id = p_call_id AND e.state = 'delivered')
       OR EXISTS (SELECT FROM {schema}.{queue} q WHERE q.{queue_id} = p_call_id AND q.status = 'success') THEN
        RETURN false;
    END IF;
    UPDATE {schema}.rule_webhook_events e
    SET state = 'retrying', due_at = clock_timestamp(), claimed_by = NULL, lease_until = NULL
    WHERE e.call_id = p_call_id AND NOT e.has_queue_row AND e.state = 'dead'
      AND EXISTS (SELECT FROM {schema}.rule_nats_outbox o WHERE o.event_id = e.event_id);
    IF FOUND THEN
        RETURN true;
    END IF;
    RETURN CASE WHEN EXISTS (SELECT FROM {schema}.rule_webhook_events e WHERE e.call_id = p_call_id AND NOT e.has_queue_row) THEN false END;
END
$$;
SELECT wavegate.grant_like_queue('wavegate.event_retry(bigint)', 'UPDATE');
-- Without a path of its own, because the engine's body goes on with the one that it always had: all names are exact.
CREATE OR REPLACE FUNCTION {schema}.rule_webhook_retry(p_call_id integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    RETURN coalesce(wavegate.event_retry($1), wavegate.engine_rule_webhook_retry($1));
END
$$;
SELECT wavegate.grant_to_owner('{schema}.rule_webhook_retry(integer)', 'wavegate.event_retry(bigint)');
