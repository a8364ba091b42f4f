-- The publisher, one statement.
-- The publisher: every route of an event in one SQL statement, inside the caller's transaction.
-- Ids in the order of time (the layout of UUID version 7: milliseconds, then a fraction of them, then chance), so that an
-- insert touches the newest page of each index, however long the past is.
CREATE OR REPLACE FUNCTION wavegate.new_event_id() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, wavegate, pg_temp
AS $$
    SELECT (lpad(to_hex(t.us / 1000), 12, '0') || '7' || lpad(to_hex(t.us % 1000 * 4096 / 1000), 3, '0')
            || substr('89ab', 1 + (random() * 4)::integer % 4, 1) || substr(h.hash, 1, 15))::uuid::text
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS t,
         (SELECT md5(concat_ws('.', nextval('wavegate.event_number'), random(), clock_timestamp(), pg_backend_pid())) AS hash) AS h
$$;

-- 0..99 from the first 8 bytes of sha256(event_id), read as an unsigned number; 2^32 mod 100 = 96.
CREATE OR REPLACE FUNCTION wavegate.bucket(event_id text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, wavegate, pg_temp
AS $$
    SELECT ((('x00000000' || substr(h, 1, 8))::bit(64)::bigint * 96 + ('x00000000' || substr(h, 9, 8))::bit(64)::bigint) % 100)::integer
    FROM encode(sha256(convert_to(event_id, 'UTF8')), 'hex') AS h
$$;

-- May the NATS path deliver this event, as far as routes, share and takeover go? State, lease, fence and foreign
-- results are the claim's own conditions.
-- A claim asks it for each row: without a path of its own it is inlined, and PostgreSQL's own schema is named instead.
CREATE OR REPLACE FUNCTION wavegate.nats_may_deliver(
    has_queue_row boolean, prefers text, share smallint, due_at timestamptz,
    last_queue_claim timestamptz, takeover_after_ms integer, at timestamptz
) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT NOT has_queue_row
        OR (share OPERATOR(pg_catalog.>) 0) AND ((prefers OPERATOR(pg_catalog.=) 'nats')
            OR (due_at OPERATOR(pg_catalog.<) (at OPERATOR(pg_catalog.-) (takeover_after_ms OPERATOR(pg_catalog.*) interval '1 ms')))
               AND (last_queue_claim IS NULL
                    OR (last_queue_claim OPERATOR(pg_catalog.<)
                        (at OPERATOR(pg_catalog.-) (takeover_after_ms OPERATOR(pg_catalog.*) interval '1 ms')))))
$$;

-- What the payload's text weighs, and its digest in UTF-8: what was sent is compared with it. A payload whose text PostgreSQL cannot
-- make has neither, and does not fail its caller; one that has no UTF-8 has no digest.
CREATE OR REPLACE FUNCTION wavegate.weigh(payload jsonb, OUT bytes integer, OUT digest bytea)
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    v_text text;
BEGIN
    v_text := payload::text;
    bytes := octet_length(v_text);
    digest := sha256(convert_to(v_text, 'UTF8'));
EXCEPTION WHEN program_limit_exceeded OR out_of_memory OR untranslatable_character OR character_not_in_repertoire THEN
    bytes := octet_length(v_text);
    digest := NULL;
END
$$;
REVOKE ALL ON FUNCTION wavegate.weigh(jsonb) FROM PUBLIC;

-- nats_alone: the NATS route only, where the webhook has one. caller_id: the caller's own id, or NULL.
CREATE OR REPLACE FUNCTION wavegate.publish(
    p_webhook_id integer, p_payload jsonb, p_rule_name text, p_due_at timestamptz, p_caller_id text, p_nats_alone boolean,
    OUT event_id text, OUT call_id bigint, OUT mode text, OUT subject text,
    OUT queue_route boolean, OUT nats_route boolean, OUT duplicate boolean
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    -- An empty id is none; the webhook id keeps the ids of one webhook apart from another's.
    v_caller_id text := nullif(p_caller_id, '');
    v_event_id text := coalesce(p_webhook_id || ':' || v_caller_id, wavegate.new_event_id());
    v_due_at timestamptz := coalesce(p_due_at, clock_timestamp());
    v_name text;
BEGIN
    -- The id travels in a header of NATS and of HTTP.
    IF v_caller_id ~ '[[:cntrl:]]' OR octet_length(v_caller_id) > 500 THEN
        RAISE EXCEPTION 'the message id has control characters or more than 500 bytes' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    -- The transaction has its own number before the event draws one: wavegate.born relies on that.
    PERFORM txid_current();
    WITH webhook AS MATERIALIZED (
        SELECT w.webhook_id, w.mode_epoch, w.nats_config_id, w.nats_takeover_after_ms,
               coalesce(w.publish_mode, 'queue') AS mode,
               coalesce(w.nats_subject, 'webhooks.' || w.webhook_id) AS subject,
               -- NATS alone is for webhooks that NATS may carry at all; any other keeps its queue.
               coalesce(w.publish_mode, 'queue') = 'queue' AND NOT (p_nats_alone AND coalesce(w.nats_enabled, false))
                   OR coalesce(w.publish_mode, 'queue') = 'both' AND NOT p_nats_alone AS queue_route,
               coalesce(w.publish_mode, 'queue') <> 'queue'
                   OR p_nats_alone AND coalesce(w.nats_enabled, false) AS nats_route,
               CASE WHEN wavegate.bucket(v_event_id) < w.nats_share THEN 'nats' ELSE 'queue' END AS drawn,
               EXISTS (SELECT FROM {schema}.rule_nats_fences f WHERE f.webhook_id = w.webhook_id) AS fenced
        FROM wavegate.webhooks w
        WHERE w.webhook_id = p_webhook_id AND coalesce(w.enabled, true)
    ), reserved AS (
        INSERT INTO wavegate.event_ids (event_id, call_id)
        SELECT v_event_id, wavegate.next_call_id() FROM webhook WHERE v_caller_id IS NOT NULL
        ON CONFLICT (event_id) DO NOTHING
        RETURNING event_ids.call_id
    ), fresh AS MATERIALIZED (
        SELECT w.*, coalesce(r.call_id, wavegate.next_call_id()) AS call_id,
               CASE WHEN w.queue_route THEN w.drawn ELSE 'nats' END AS prefers
        FROM webhook w LEFT JOIN reserved r ON true
        WHERE v_caller_id IS NULL OR r.call_id IS NOT NULL
    ), queue_row AS (
        INSERT INTO wavegate.queue (call_id, webhook_id, status, payload, rule_name, scheduled_at, event_id, two_route)
        OVERRIDING SYSTEM VALUE
        SELECT f.call_id, f.webhook_id, 'pending', p_payload, p_rule_name,
               CASE WHEN f.nats_route AND f.prefers = 'nats' AND NOT f.fenced
                    THEN v_due_at + f.nats_takeover_after_ms * interval '1 ms' ELSE v_due_at END,
               v_event_id, nullif(f.nats_route, false)
        FROM fresh f WHERE f.queue_route
        RETURNING call_id
    ), weight AS MATERIALIZED (
        -- In mode queue nobody asks for it.
        SELECT m.bytes, m.digest FROM fresh f, LATERAL wavegate.weigh(CASE WHEN f.nats_route THEN p_payload END) m WHERE f.nats_route
    ), ledger AS (
        INSERT INTO {schema}.rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, due_at,
                                                  first_due_at, payload_digest)
        -- A trigger of the application's may have kept the row out of the queue: then NATS alone has the event.
        SELECT v_event_id, f.webhook_id, f.mode_epoch, f.call_id, q.call_id IS NOT NULL, q.call_id IS NOT NULL,
               CASE WHEN q.call_id IS NULL THEN 'nats' ELSE f.prefers END, v_due_at,
               CASE WHEN p_due_at > clock_timestamp() THEN p_due_at END, w.digest
        FROM fresh f LEFT JOIN queue_row q ON true LEFT JOIN weight w ON true WHERE f.nats_route
        RETURNING seq
    ), unpublished AS (
        INSERT INTO wavegate.unpublished (partition, seq, event_id, webhook_id, config_id)
        SELECT f.webhook_id & 7, l.seq, v_event_id, f.webhook_id, f.nats_config_id FROM fresh f, ledger l
    ), outbox AS (
        INSERT INTO {schema}.rule_nats_outbox (event_id, webhook_id, subject, config_id, payload, rule_name, payload_bytes)
        SELECT v_event_id, f.webhook_id, f.subject, f.nats_config_id, p_payload, p_rule_name, w.bytes
        FROM fresh f LEFT JOIN weight w ON true WHERE f.nats_route
    )
    SELECT v_event_id, f.call_id, w.mode, w.subject, w.queue_route, w.nats_route, f.webhook_id IS NULL
    INTO event_id, call_id, mode, subject, queue_route, nats_route, duplicate
    FROM webhook w LEFT JOIN fresh f ON true;

    IF event_id IS NULL THEN
        SELECT w.webhook_name INTO v_name FROM wavegate.webhooks w WHERE w.webhook_id = p_webhook_id;
        IF v_name IS NULL THEN
            RAISE EXCEPTION 'there is no webhook %', p_webhook_id USING ERRCODE = 'no_data_found';
        END IF;
        RAISE EXCEPTION 'webhook % (%) is disabled', p_webhook_id, v_name USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    IF duplicate THEN
        SELECT i.call_id INTO call_id FROM wavegate.event_ids i WHERE i.event_id = v_event_id;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION wavegate.publish(integer, jsonb, text, timestamptz, text, boolean) FROM PUBLIC;
