-- Which of these events may NATS deliver now? Claims those, and notes that a message of each was seen.
-- $1 event ids, $2 webhook ids and $3 copies (publish counts) as their messages say, $4 worker, $5 slack of the lease in ms,
-- $6 whether this worker has room for it, $7 whether headers are read now, where they are not large.
WITH asked AS (
    SELECT m.event_id, array_agg(m.webhook_id) AS webhooks, max(m.copy) AS copy, bool_or(m.room) AS room
    FROM unnest($1::text[], $2::integer[], $3::integer[], $6::boolean[]) AS m (event_id, webhook_id, copy, room)
    GROUP BY m.event_id
), event AS MATERIALIZED (
    -- Locked first, so that what follows is decided on the newest version of the row.
    SELECT e.event_id, e.webhook_id, e.call_id, e.has_queue_row, e.prefers, e.state, e.due_at, e.lease_until,
           e.attempt, e.path, e.claimed_by, e.payload_digest
    FROM rule_webhook_events e
    WHERE e.event_id = ANY ($1)
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), half_open AS MATERIALIZED (
    -- One attempt at a time goes through; whoever comes second finds the circuit open again, or locked.
    SELECT c.webhook_id
    FROM wavegate.circuit c
    WHERE c.open_until <= now() AND c.webhook_id = ANY (ARRAY(SELECT v.webhook_id FROM event v))
    ORDER BY c.webhook_id
    FOR UPDATE SKIP LOCKED
), allowed AS MATERIALIZED (
    SELECT v.event_id, v.call_id, v.has_queue_row, v.prefers, v.state, v.payload_digest, w.webhook_id, w.url, w.method, w.headers,
           least(greatest(coalesce(w.timeout_ms, 5000), 1), 60000) AS timeout_ms, h.webhook_id IS NOT NULL AS probing
    FROM event v
    JOIN asked a ON a.event_id = v.event_id AND v.webhook_id = ANY (a.webhooks)
    JOIN wavegate.webhooks w ON w.webhook_id = v.webhook_id
    LEFT JOIN wavegate.path_activity p ON p.webhook_id = v.webhook_id AND p.path = 'queue'
    LEFT JOIN half_open h ON h.webhook_id = v.webhook_id
    WHERE (v.state IN ('open', 'retrying')
           OR v.state = 'claimed' AND v.lease_until < now()
              AND NOT EXISTS (SELECT FROM wavegate.held k WHERE k.call_id = v.call_id AND k.until >= now()))
      AND v.due_at <= now()
      AND coalesce(w.enabled, true) AND a.room
      AND (h.webhook_id IS NOT NULL
           OR NOT EXISTS (SELECT FROM wavegate.circuit c WHERE c.webhook_id = v.webhook_id AND c.open_until IS NOT NULL))
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = v.event_id)
      AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = v.webhook_id)
      AND wavegate.nats_may_deliver(v.has_queue_row, v.prefers, w.nats_share, v.due_at,
                                   greatest(p.claimed_at, (SELECT max(o.until) FROM wavegate.outage o WHERE o.webhook_id = w.webhook_id)),
                                   w.nats_takeover_after_ms, now())
), queue_row AS MATERIALIZED (
    -- A row that somebody else processes, or has finished, or that appeared after our snapshot, is not found here.
    SELECT q.call_id
    FROM wavegate.queue q
    WHERE q.call_id = ANY (ARRAY(SELECT l.call_id FROM allowed l WHERE l.has_queue_row))
      AND (q.status IN ('pending', 'retrying')
           OR q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.lease_until < now() AND q.started_at <= q.lease_until
              AND NOT EXISTS (SELECT FROM wavegate.held k WHERE k.call_id = q.call_id AND k.until >= now()))
    ORDER BY q.call_id
    FOR UPDATE SKIP LOCKED
), claimed AS MATERIALIZED (
    SELECT x.*, now() + (x.timeout_ms + $5::integer) * interval '1 ms' AS lease_until
    FROM (SELECT l.*, row_number() OVER (PARTITION BY l.webhook_id ORDER BY l.event_id) AS nth
          FROM allowed l
          WHERE NOT l.has_queue_row OR l.call_id IN (SELECT r.call_id FROM queue_row r)) x
    WHERE NOT x.probing OR x.nth = 1
), seen AS (
    UPDATE rule_webhook_events e
    SET nats_seen_at = coalesce(e.nats_seen_at, now()),
        -- A copy that says more than was ever published is not believed.
        seen_count = greatest(e.seen_count, least(v.copy, e.publish_count + 1)),
        state = CASE WHEN v.mine THEN 'claimed' ELSE e.state END,
        path = CASE WHEN v.mine THEN 'nats' ELSE e.path END,
        attempt = e.attempt + v.mine::integer,
        claimed_by = CASE WHEN v.mine THEN $4 ELSE e.claimed_by END,
        lease_until = CASE WHEN v.mine THEN v.lease_until ELSE e.lease_until END
    FROM (SELECT n.event_id, a.copy, c.lease_until, c.event_id IS NOT NULL AS mine
          FROM event n JOIN asked a USING (event_id) LEFT JOIN claimed c USING (event_id)) v
    WHERE e.event_id = v.event_id
    RETURNING e.event_id, e.attempt, e.state
), unanswered AS (
    -- Whoever held it before died without a result: nobody can know whether the endpoint had that attempt.
    INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id)
    SELECT v.event_id, v.call_id, v.webhook_id, v.attempt, v.path, v.claimed_by
    FROM event v JOIN claimed c USING (event_id)
    WHERE v.state = 'claimed'
), probe AS (
    UPDATE wavegate.circuit k
    SET open_until = c.lease_until, probes = k.probes + 1, probe = c.call_id
    FROM claimed c
    WHERE c.probing AND k.webhook_id = c.webhook_id
), taken AS (
    UPDATE wavegate.queue q
    SET status = 'processing', started_at = now(), claimed_by = $4, lease_until = c.lease_until
    FROM claimed c
    WHERE c.has_queue_row AND q.call_id = c.call_id AND q.event_id = c.event_id
    RETURNING q.call_id
)
SELECT a.event_id,
       CASE WHEN c.event_id IS NOT NULL THEN 'claimed'
            WHEN s.state IN ('delivered', 'dead', 'stuck') THEN 'closed'
            WHEN s.event_id IS NOT NULL THEN 'denied'
            WHEN EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = a.event_id) THEN 'busy'
            ELSE 'unknown' END AS verdict,
       coalesce(c.call_id, 0) AS call_id, coalesce(c.webhook_id, 0) AS webhook_id, coalesce(s.attempt, 0) AS attempt,
       coalesce(c.url, '') AS url, coalesce(c.method, 'POST') AS method, c.payload_digest,
       $7 AND pg_column_size(jsonb_build_array(c.headers)) <= 8192 AS whole,
       CASE WHEN $7 AND pg_column_size(jsonb_build_array(c.headers)) <= 8192 THEN coalesce(c.headers, '{}') ELSE '{}' END AS headers,
       coalesce((SELECT pg_column_size(jsonb_build_array(o.payload)) FROM rule_nats_outbox o WHERE o.event_id = c.event_id), 0) AS size,
       coalesce(c.timeout_ms, 5000) AS timeout_ms,
       coalesce(c.prefers <> 'nats', false) AS took_over, coalesce(c.state = 'claimed', false) AS ambiguous,
       (SELECT k.secret_value FROM {schema}.rule_webhook_secrets k
        WHERE k.webhook_id = c.webhook_id AND k.secret_name = 'signing_secret') AS secret
FROM asked a
LEFT JOIN seen s USING (event_id)
LEFT JOIN claimed c USING (event_id)
