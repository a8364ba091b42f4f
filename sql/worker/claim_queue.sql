-- Which due queue rows may the queue path deliver now? Claims them and, where NATS may carry the event too, its ledger row.
-- $1 worker, $2 how many, $3 slack of the lease in ms, $4 webhooks after this one, $5 of one webhook at most,
-- $6 webhooks that this worker has no room for, $7 also rows whose claim has ended, $8 whether payloads and headers are read now,
-- where they are not large; $9 not these calls, $10 only these calls (NULL: any), $11 only these webhooks (NULL: any).
WITH RECURSIVE waiting AS (
    -- Each webhook's first waiting row, by hops through the index: however much waits for it, a webhook costs one hop.
    (SELECT q.webhook_id, CASE q.status WHEN 'retrying' THEN coalesce(q.next_retry_at, q.scheduled_at) ELSE q.scheduled_at END AS due_at
     FROM wavegate.queue q
     WHERE q.status IN ('pending', 'retrying') AND q.webhook_id > $4
     ORDER BY 1, 2
     LIMIT 1)
    UNION ALL
    SELECT n.webhook_id, n.due_at
    FROM waiting v
    CROSS JOIN LATERAL (
        SELECT q.webhook_id, CASE q.status WHEN 'retrying' THEN coalesce(q.next_retry_at, q.scheduled_at) ELSE q.scheduled_at END AS due_at
        FROM wavegate.queue q
        WHERE q.status IN ('pending', 'retrying') AND q.webhook_id > v.webhook_id
        ORDER BY 1, 2
        LIMIT 1
    ) n
), candidate AS MATERIALIZED (
    SELECT v.webhook_id
    FROM waiting v
    JOIN wavegate.webhooks w ON w.webhook_id = v.webhook_id
    WHERE v.due_at <= now() AND coalesce(w.enabled, true) AND v.webhook_id <> ALL ($6::integer[])
      AND ($11::integer[] IS NULL OR v.webhook_id = ANY ($11))
), half_open AS MATERIALIZED (
    -- One attempt at a time goes through; whoever comes second finds the circuit open again, or locked. Only where something
    -- waits: a circuit whose webhook has nothing to send any more takes nobody's turn.
    SELECT c.webhook_id
    FROM wavegate.circuit c
    WHERE c.open_until <= now()
      AND (c.webhook_id IN (SELECT d.webhook_id FROM candidate d)
           OR $7 AND c.webhook_id IN (SELECT q.webhook_id FROM wavegate.queue q
                                      WHERE q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.lease_until < now()))
      AND ($11 IS NULL OR c.webhook_id = ANY ($11))
    ORDER BY c.open_until
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), served AS MATERIALIZED (
    SELECT v.webhook_id, h.webhook_id IS NOT NULL AS probing,
           -- What NATS prefers is not taken over yet: its time stood still while the endpoint was away.
           coalesce(w.publish_mode = 'both' AND w.nats_share > 0
                    AND (SELECT max(o.until) FROM wavegate.outage o WHERE o.webhook_id = v.webhook_id)
                        > now() - w.nats_takeover_after_ms * interval '1 ms'
                    AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = v.webhook_id), false) AS stands
    FROM candidate v
    JOIN wavegate.webhooks w ON w.webhook_id = v.webhook_id
    LEFT JOIN half_open h ON h.webhook_id = v.webhook_id
    WHERE (h.webhook_id IS NOT NULL
           OR NOT EXISTS (SELECT FROM wavegate.circuit c WHERE c.webhook_id = v.webhook_id AND c.open_until IS NOT NULL))
    LIMIT $2
), expired AS (
    SELECT q.call_id, q.webhook_id, q.event_id, q.two_route, q.retry_count, q.status, q.claimed_by, h.webhook_id IS NOT NULL AS probing
    FROM wavegate.queue q
    JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    LEFT JOIN half_open h ON h.webhook_id = q.webhook_id
    WHERE $7 AND q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.lease_until < now() AND q.started_at <= q.lease_until
      AND NOT EXISTS (SELECT FROM wavegate.held k WHERE k.call_id = q.call_id AND k.until >= now())
      AND q.call_id <> ALL ($9::bigint[]) AND ($10::bigint[] IS NULL OR q.call_id = ANY ($10))
      AND ($11 IS NULL OR q.webhook_id = ANY ($11))
      AND coalesce(w.enabled, true)
      AND (h.webhook_id IS NOT NULL
           OR NOT EXISTS (SELECT FROM wavegate.circuit c WHERE c.webhook_id = q.webhook_id AND c.open_until IS NOT NULL))
      AND NOT EXISTS (SELECT FROM rule_webhook_events e
                      WHERE q.two_route AND e.event_id = q.event_id
                        AND (e.state IN ('delivered', 'dead', 'stuck') OR e.state = 'claimed' AND e.lease_until >= now() OR e.due_at > now()))
    ORDER BY q.scheduled_at
    LIMIT $2
    FOR UPDATE OF q SKIP LOCKED
), due AS (
    SELECT r.call_id, r.webhook_id, r.event_id, r.two_route, r.retry_count, r.status, r.claimed_by, s.probing
    FROM served s
    CROSS JOIN LATERAL (
        SELECT q.call_id, q.webhook_id, q.event_id, q.two_route, q.retry_count, q.status, q.claimed_by
        FROM wavegate.queue q
        WHERE q.status IN ('pending', 'retrying') AND q.webhook_id = s.webhook_id
          AND CASE q.status WHEN 'retrying' THEN coalesce(q.next_retry_at, q.scheduled_at) ELSE q.scheduled_at END <= now()
          AND q.call_id <> ALL ($9) AND ($10 IS NULL OR q.call_id = ANY ($10))
          AND NOT EXISTS (SELECT FROM wavegate.stuck s WHERE s.call_id = q.call_id)
          AND NOT EXISTS (SELECT FROM rule_webhook_events e
                          WHERE q.two_route AND e.event_id = q.event_id
                            AND (e.state IN ('delivered', 'dead', 'stuck') OR e.state = 'claimed' AND e.lease_until >= now() OR e.due_at > now()
                                 OR s.stands AND e.prefers = 'nats' AND e.void_reason IS NULL))
        ORDER BY CASE q.status WHEN 'retrying' THEN coalesce(q.next_retry_at, q.scheduled_at) ELSE q.scheduled_at END
        -- Two webhooks with much to do have half of the batch each, eight or more an eighth.
        LIMIT least($5, CASE WHEN s.probing THEN 1 ELSE greatest($2 / least((SELECT count(*) FROM served), 8), 1) END)
        FOR UPDATE OF q SKIP LOCKED
    ) r
    LIMIT $2
), picked AS MATERIALIZED (
    SELECT x.* FROM (SELECT * FROM expired UNION ALL SELECT * FROM due) x
    LIMIT $2
), event AS MATERIALIZED (
    SELECT e.event_id, e.prefers, e.state, e.attempt, e.path, e.claimed_by
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT p.event_id FROM picked p WHERE p.two_route AND p.event_id IS NOT NULL))
      AND (e.state IN ('open', 'retrying')
           OR e.state = 'claimed' AND e.lease_until < now()
              AND NOT EXISTS (SELECT FROM wavegate.held k WHERE k.call_id = e.call_id AND k.until >= now()))
      AND e.due_at <= now()
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id)
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), claimed AS MATERIALIZED (
    -- A plain row has no ledger row; one whose ledger row is not ours to claim is let go again.
    SELECT x.*, now() + (least(greatest(coalesce(w.timeout_ms, 5000), 1), 60000) + $3::integer) * interval '1 ms' AS lease_until
    FROM (SELECT p.call_id, p.webhook_id, p.event_id, p.probing, v.event_id IS NOT NULL AS in_ledger, coalesce(v.prefers <> 'queue', false) AS took_over,
                 CASE WHEN v.event_id IS NULL THEN p.status = 'processing' ELSE v.state = 'claimed' END AS unanswered,
                 coalesce(v.attempt, coalesce(p.retry_count, 0) + (p.status = 'processing')::integer) AS attempts,
                 coalesce(v.path, 'queue') AS path, CASE WHEN v.event_id IS NULL THEN p.claimed_by ELSE v.claimed_by END AS claimed_by,
                 row_number() OVER (PARTITION BY p.webhook_id ORDER BY p.call_id) AS nth
          FROM picked p
          LEFT JOIN event v ON v.event_id = p.event_id
          WHERE v.event_id IS NOT NULL
             OR p.two_route IS NOT TRUE
             OR NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = p.event_id)) x
    JOIN wavegate.webhooks w ON w.webhook_id = x.webhook_id
    WHERE NOT x.probing OR x.nth = 1
), taken AS (
    UPDATE wavegate.queue q
    SET status = 'processing', started_at = now(), claimed_by = $1, lease_until = c.lease_until,
        -- A plain row counts the attempt that it takes over.
        retry_count = CASE WHEN c.in_ledger THEN q.retry_count ELSE c.attempts END
    FROM claimed c, wavegate.webhooks w
    WHERE q.call_id = c.call_id AND w.webhook_id = q.webhook_id
    -- Wrapped in an array a payload has the size that it has uncompressed: a small one may hide a large one.
    RETURNING q.call_id, c.event_id, c.in_ledger, c.attempts, q.webhook_id, c.lease_until, c.path, c.claimed_by, c.probing,
              $8 AND pg_column_size(jsonb_build_array(q.payload)) <= 8192 AND pg_column_size(jsonb_build_array(w.headers)) <= 8192 AS whole,
              CASE WHEN $8 AND pg_column_size(jsonb_build_array(q.payload)) <= 8192 THEN q.payload::text ELSE '' END AS payload,
              CASE WHEN $8 AND pg_column_size(jsonb_build_array(w.headers)) <= 8192 THEN coalesce(w.headers, '{}') ELSE '{}' END AS headers,
              pg_column_size(jsonb_build_array(q.payload)) AS size,
              w.url, coalesce(w.method, 'POST') AS method, least(greatest(coalesce(w.timeout_ms, 5000), 1), 60000) AS timeout_ms,
              c.took_over, c.unanswered AS ambiguous,
              (SELECT k.secret_value FROM {schema}.rule_webhook_secrets k
               WHERE k.webhook_id = q.webhook_id AND k.secret_name = 'signing_secret') AS secret
), ledger AS (
    UPDATE rule_webhook_events e
    SET state = 'claimed', path = 'queue', attempt = t.attempts + 1, claimed_by = $1, lease_until = t.lease_until
    FROM taken t
    WHERE t.in_ledger AND e.event_id = t.event_id
), unanswered AS (
    -- Whoever held it before died without a result: nobody can know whether the endpoint had that attempt.
    INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id)
    SELECT t.event_id, t.call_id, t.webhook_id, t.attempts, t.path, t.claimed_by
    FROM taken t
    WHERE t.ambiguous
), probe AS (
    UPDATE wavegate.circuit k
    SET open_until = t.lease_until, probes = k.probes + 1, probe = t.call_id
    FROM taken t
    WHERE t.probing AND k.webhook_id = t.webhook_id
)
SELECT true AS taken, t.call_id::bigint AS call_id, t.event_id, t.in_ledger, t.attempts + 1 AS attempt, t.webhook_id, t.whole, t.payload,
       t.headers, t.size, t.url, t.method, t.timeout_ms, t.took_over, t.ambiguous, t.secret
FROM taken t
UNION ALL
-- A trigger of the application's keeps these from being claimed.
SELECT false, c.call_id::bigint, CASE WHEN c.in_ledger THEN c.event_id END, c.in_ledger, c.attempts, c.webhook_id, false, '', '{}', 0, '', '', 0,
       false, false, NULL
FROM claimed c
WHERE c.call_id NOT IN (SELECT t.call_id FROM taken t)
