-- These cannot be read, claimed or written whatever is tried: set aside by name, sent by nobody until a person decides.
-- $1 worker; arrays: $2 call, $3 event (NULL: a plain queue row), $4 webhook, $5 attempt (NULL: nobody has claimed it), $6 what could not
-- be done, $7 why, $8 whether the endpoint took it, $9 HTTP status.
WITH asked AS (
    SELECT * FROM unnest($2::bigint[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::boolean[], $9::integer[])
        AS a (call_id, event_id, webhook_id, attempt, what, reason, delivered, http_status)
), event AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e JOIN asked a ON a.event_id = e.event_id
    WHERE a.attempt IS NULL AND e.state IN ('open', 'retrying')
       OR e.state = 'claimed' AND e.claimed_by = $1 AND e.attempt = a.attempt
    ORDER BY e.event_id
    FOR UPDATE OF e SKIP LOCKED
), ledger AS (
    UPDATE rule_webhook_events e
    SET state = 'stuck', lease_until = NULL, error = a.reason, http_status = coalesce(a.http_status, e.http_status)
    FROM asked a JOIN event v ON v.event_id = a.event_id
    WHERE e.event_id = v.event_id
    RETURNING e.call_id
), claimed AS (
    -- A row of ours that cannot be changed: the claim never ends.
    SELECT a.call_id, a.attempt
    FROM asked a JOIN rule_webhook_events e ON e.event_id = a.event_id
    WHERE e.state = 'claimed' AND e.claimed_by = $1 AND e.attempt = a.attempt AND a.call_id NOT IN (SELECT l.call_id FROM ledger l)
    UNION ALL
    SELECT a.call_id, a.attempt
    FROM asked a JOIN wavegate.queue q ON q.call_id = a.call_id
    WHERE a.event_id IS NULL AND q.status = 'processing' AND q.claimed_by = $1 AND coalesce(q.retry_count, 0) = a.attempt - 1
), held AS (
    INSERT INTO wavegate.held AS h (call_id, attempt, worker_id, until)
    SELECT c.call_id, c.attempt, $1, 'infinity' FROM claimed c ORDER BY c.call_id
    ON CONFLICT (call_id) DO UPDATE SET attempt = excluded.attempt, worker_id = excluded.worker_id, until = excluded.until
), waiting AS (
    SELECT a.call_id
    FROM asked a JOIN wavegate.queue q ON q.call_id = a.call_id
    WHERE a.event_id IS NULL AND a.attempt IS NULL AND q.status IN ('pending', 'retrying')
)
INSERT INTO wavegate.stuck AS s (call_id, event_id, webhook_id, what, reason, delivered, http_status)
SELECT a.call_id, a.event_id, a.webhook_id, a.what, a.reason, a.delivered, a.http_status
FROM asked a
WHERE a.call_id IN (SELECT l.call_id FROM ledger l UNION ALL SELECT c.call_id FROM claimed c UNION ALL SELECT w.call_id FROM waiting w)
ORDER BY a.call_id
ON CONFLICT (call_id) DO UPDATE
SET what = excluded.what, reason = excluded.reason, delivered = excluded.delivered, http_status = excluded.http_status, since = clock_timestamp()
RETURNING s.call_id
