-- Which rows has another worker been processing for more than $1 ms? It died: each gets another attempt, and the one without result is
-- noted. $2 at most.
WITH stale AS MATERIALIZED (
    SELECT q.call_id, q.webhook_id, q.event_id, q.two_route, coalesce(q.retry_count, 0) AS attempts
    FROM wavegate.queue q
    WHERE q.status = 'processing' AND q.claimed_by IS NULL AND q.started_at < now() - $1::bigint * interval '1 ms'
    ORDER BY q.call_id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), event AS MATERIALIZED (
    SELECT e.event_id, e.attempt
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT s.event_id FROM stale s WHERE s.two_route AND s.event_id IS NOT NULL))
      AND e.state IN ('open', 'retrying')
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), freed AS MATERIALIZED (
    SELECT s.call_id, s.webhook_id, s.event_id, v.event_id IS NOT NULL AS in_ledger, coalesce(v.attempt, s.attempts) + 1 AS attempt
    FROM stale s
    LEFT JOIN event v ON v.event_id = s.event_id
    WHERE v.event_id IS NOT NULL
       OR s.two_route IS NOT TRUE
       OR NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = s.event_id)
), ledger AS (
    UPDATE rule_webhook_events e
    SET state = 'retrying', path = 'queue', attempt = f.attempt
    FROM freed f
    WHERE f.in_ledger AND e.event_id = f.event_id
), unanswered AS (
    INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path)
    SELECT f.event_id, f.call_id, f.webhook_id, f.attempt, 'queue' FROM freed f
), back AS (
    UPDATE wavegate.queue q
    SET status = 'retrying', retry_count = f.attempt, next_retry_at = now()
    FROM freed f
    WHERE q.call_id = f.call_id
    RETURNING q.call_id
)
SELECT count(*) FROM back
