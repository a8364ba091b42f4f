-- These claims live $5 ms longer, whatever their rows say: somebody has locked those. $1 worker; arrays: $2 call, $3 event (NULL: a plain
-- queue row), $4 attempt. Returns those that are ours still.
WITH asked AS (
    SELECT * FROM unnest($2::bigint[], $3::text[], $4::integer[]) AS a (call_id, event_id, attempt)
), ours AS (
    SELECT a.call_id, a.attempt
    FROM asked a JOIN rule_webhook_events e ON e.event_id = a.event_id
    WHERE e.state = 'claimed' AND e.claimed_by = $1 AND e.attempt = a.attempt
    UNION ALL
    SELECT a.call_id, a.attempt
    FROM asked a JOIN wavegate.queue q ON q.call_id = a.call_id
    WHERE a.event_id IS NULL AND q.status = 'processing' AND q.claimed_by = $1 AND coalesce(q.retry_count, 0) = a.attempt - 1
), old AS (
    -- Left behind by workers that died.
    DELETE FROM wavegate.held h
    WHERE h.until < now() - interval '1 hour' AND h.call_id <> ALL ($2)
)
INSERT INTO wavegate.held AS h (call_id, attempt, worker_id, until)
SELECT o.call_id, o.attempt, $1, now() + $5::integer * interval '1 ms' FROM ours o ORDER BY o.call_id
ON CONFLICT (call_id) DO UPDATE SET attempt = excluded.attempt, worker_id = excluded.worker_id, until = excluded.until
RETURNING h.call_id
