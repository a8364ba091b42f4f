-- Status of ids in the ledger too.
-- The status of a call also where its id lives in the ledger alone; all other ids go to the engine's own function.
CREATE OR REPLACE FUNCTION wavegate.event_status(p_call_id bigint) RETURNS json
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT json_build_object(
            'call_id', e.call_id, 'queue_id', e.call_id, 'webhook_id', e.webhook_id, 'webhook_name', w.webhook_name,
            'event_id', e.event_id, 'payload', o.payload, 'rule_name', o.rule_name,
            'status', CASE e.state WHEN 'open' THEN 'pending' WHEN 'claimed' THEN 'processing' WHEN 'delivered' THEN 'success'
                                   WHEN 'dead' THEN 'failed' ELSE e.state END,
            'retry_count', greatest(e.attempt - 1, 0), 'scheduled_at', e.due_at,
            'next_retry_at', CASE WHEN e.state = 'retrying' THEN e.due_at END,
            'response_status', e.http_status, 'error_message', e.error, 'completed_at', e.delivered_at, 'created_at', e.created_at)
        FROM {schema}.rule_webhook_events e
        LEFT JOIN {schema}.rule_nats_outbox o USING (event_id)
        LEFT JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
        WHERE e.call_id = p_call_id AND NOT e.has_queue_row);
END
$$;
SELECT wavegate.grant_like_queue('wavegate.event_status(bigint)', 'SELECT');
-- Without a path of its own, because the engine's body goes on with the one that it always had: all names are exact. The payload is for
-- those who may SELECT the queue. Where the engine's function runs as its owner, so does this one, and asks about the session's role.
CREATE OR REPLACE FUNCTION {schema}.rule_webhook_call_status(p_call_id integer) RETURNS json
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_status pg_catalog.jsonb := wavegate.event_status($1)::pg_catalog.jsonb;
BEGIN
    IF v_status IS NULL THEN
        BEGIN
            RETURN wavegate.engine_rule_webhook_call_status($1)::pg_catalog.json;
        EXCEPTION WHEN grouping_error THEN
            -- The engine's own (2.0.0) raises this for every row that there is.
            SELECT pg_catalog.jsonb_build_object(
                'call_id', q.{queue_id}, 'queue_id', q.{queue_id}, 'webhook_id', q.webhook_id, 'webhook_name', w.webhook_name,
                'event_id', q.event_id, 'payload', q.payload, 'rule_name', q.rule_name, 'status', q.status, 'retry_count', q.retry_count,
                'scheduled_at', q.scheduled_at, 'next_retry_at', q.next_retry_at, 'response_status', q.response_status,
                'error_message', q.error_message, 'completed_at', q.completed_at, 'created_at', q.created_at)
            INTO v_status
            FROM {schema}.{queue} q LEFT JOIN {schema}.rule_webhooks w ON w.webhook_id OPERATOR(pg_catalog.=) q.webhook_id
            WHERE q.{queue_id} OPERATOR(pg_catalog.=) $1;
        END;
    END IF;
    IF NOT pg_catalog.has_table_privilege(CURRENT_USER, '{schema}.{queue}', 'SELECT')
       OR (CURRENT_USER OPERATOR(pg_catalog.<>) SESSION_USER)
          AND (SELECT p.prosecdef FROM pg_catalog.pg_proc p
               WHERE p.oid OPERATOR(pg_catalog.=) '{schema}.rule_webhook_call_status(integer)'::pg_catalog.regprocedure)
          AND NOT pg_catalog.has_table_privilege(SESSION_USER, '{schema}.{queue}', 'SELECT') THEN
        v_status := v_status OPERATOR(pg_catalog.-) 'payload'::pg_catalog.text;
    END IF;
    RETURN v_status::pg_catalog.json;
END
$$;
SELECT wavegate.grant_to_owner('{schema}.rule_webhook_call_status(integer)', 'wavegate.event_status(bigint)');
