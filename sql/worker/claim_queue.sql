-- Which due queue rows may the queue path deliver now? Claims them and, where NATS may carry the event too, its ledger row.
-- $1 worker, $2 how many, $3 slack of the lease in ms.
WITH expired AS (
    SELECT q.call_id, q.webhook_id, q.event_id, q.two_route, q.retry_count, q.status, q.claimed_by
    FROM wavegate.queue q JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    WHERE q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.lease_until < now() AND q.started_at <= q.lease_until
      AND coalesce(w.enabled, true)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e
                      WHERE q.two_route AND e.event_id = q.event_id
                        AND (e.state IN ('delivered', 'dead') OR e.state = 'claimed' AND e.lease_until >= now() OR e.due_at > now()))
    ORDER BY q.scheduled_at
    LIMIT $2
    FOR UPDATE OF q SKIP LOCKED
), retrying AS (
    SELECT q.call_id, q.webhook_id, q.event_id, q.two_route, q.retry_count, q.status, q.claimed_by
    FROM wavegate.queue q JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    WHERE q.status = 'retrying' AND coalesce(q.next_retry_at, q.scheduled_at) <= now() AND coalesce(w.enabled, true)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e
                      WHERE q.two_route AND e.event_id = q.event_id
                        AND (e.state IN ('delivered', 'dead') OR e.state = 'claimed' AND e.lease_until >= now() OR e.due_at > now()))
    ORDER BY q.next_retry_at
    LIMIT greatest($2 / 2, 1)
    FOR UPDATE OF q SKIP LOCKED
), pending AS (
    SELECT q.call_id, q.webhook_id, q.event_id, q.two_route, q.retry_count, q.status, q.claimed_by
    FROM wavegate.queue q JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    WHERE q.status = 'pending' AND q.scheduled_at <= now() AND coalesce(w.enabled, true)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e
                      WHERE q.two_route AND e.event_id = q.event_id
                        AND (e.state IN ('delivered', 'dead') OR e.state = 'claimed' AND e.lease_until >= now() OR e.due_at > now()))
    ORDER BY q.scheduled_at
    LIMIT $2
    FOR UPDATE OF q SKIP LOCKED
), picked AS MATERIALIZED (
    SELECT x.* FROM (SELECT * FROM expired UNION ALL SELECT * FROM retrying UNION ALL SELECT * FROM pending) x
    LIMIT $2
), event AS MATERIALIZED (
    SELECT e.event_id, e.prefers, e.state, e.attempt, e.path, e.claimed_by
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT p.event_id FROM picked p WHERE p.two_route AND p.event_id IS NOT NULL))
      AND (e.state IN ('open', 'retrying') OR e.state = 'claimed' AND e.lease_until < now())
      AND e.due_at <= now()
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id)
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), claimed_event AS (
    UPDATE rule_webhook_events e
    SET state = 'claimed', path = 'queue', attempt = e.attempt + 1, claimed_by = $1,
        lease_until = now() + (w.timeout_ms + $3::integer) * interval '1 ms'
    FROM event v, wavegate.webhooks w
    WHERE e.event_id = v.event_id AND w.webhook_id = e.webhook_id
    RETURNING e.event_id, e.attempt, v.prefers <> 'queue' AS took_over, v.state = 'claimed' AS ambiguous
), claimed AS MATERIALIZED (
    -- A plain row has no ledger row; one whose ledger row is not ours to claim is let go again.
    SELECT p.call_id, p.webhook_id, p.event_id, p.status, p.claimed_by, c.event_id IS NOT NULL AS in_ledger,
           coalesce(c.attempt, coalesce(p.retry_count, 0) + 1 + (p.status = 'processing')::integer) AS attempt,
           coalesce(c.took_over, false) AS took_over, coalesce(c.ambiguous, p.status = 'processing') AS ambiguous
    FROM picked p
    LEFT JOIN claimed_event c ON c.event_id = p.event_id
    WHERE c.event_id IS NOT NULL
       OR p.two_route IS NOT TRUE
       OR NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = p.event_id)
), unanswered AS (
    -- Whoever held it before died without a result: nobody can know whether the endpoint had that attempt.
    INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id)
    SELECT c.event_id, c.call_id, c.webhook_id, coalesce(v.attempt, c.attempt - 1), coalesce(v.path, 'queue'),
           coalesce(v.claimed_by, c.claimed_by)
    FROM claimed c LEFT JOIN event v USING (event_id)
    WHERE CASE WHEN c.in_ledger THEN v.state = 'claimed' ELSE c.status = 'processing' END
)
UPDATE wavegate.queue q
SET status = 'processing', started_at = now(), claimed_by = $1,
    lease_until = now() + (w.timeout_ms + $3::integer) * interval '1 ms',
    -- A plain row counts the attempt that it takes over.
    retry_count = CASE WHEN c.in_ledger THEN q.retry_count ELSE c.attempt - 1 END
FROM claimed c, wavegate.webhooks w
WHERE q.call_id = c.call_id AND w.webhook_id = q.webhook_id
RETURNING q.call_id::bigint AS call_id, c.event_id, c.in_ledger, c.attempt, q.webhook_id, q.payload::text AS payload,
          w.url, coalesce(w.method, 'POST') AS method, coalesce(w.headers, '{}') AS headers, w.timeout_ms,
          c.took_over, c.ambiguous,
          (SELECT k.secret_value FROM rule_webhook_secrets k
           WHERE k.webhook_id = q.webhook_id AND k.secret_name = 'signing_secret') AS secret
