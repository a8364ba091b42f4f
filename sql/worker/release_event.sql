-- Event $1 was claimed (worker $2, attempt $3) and never called: let it go, as if it had not been claimed.
WITH freed AS (
    UPDATE rule_webhook_events e
    SET state = CASE WHEN e.attempt > 1 THEN 'retrying' ELSE 'open' END, attempt = e.attempt - 1, claimed_by = NULL, lease_until = NULL
    WHERE e.event_id = $1 AND e.state = 'claimed' AND e.claimed_by = $2 AND e.attempt = $3
    RETURNING e.event_id, e.call_id, e.webhook_id, e.has_queue_row
), row_too AS (
    UPDATE wavegate.queue q
    SET status = CASE WHEN coalesce(q.retry_count, 0) > 0 THEN 'retrying' ELSE 'pending' END, claimed_by = NULL, lease_until = NULL
    FROM freed f
    WHERE f.has_queue_row AND q.call_id = f.call_id AND q.event_id = f.event_id AND q.status = 'processing' AND q.claimed_by = $2
), probe AS (
    UPDATE wavegate.circuit c
    SET open_until = now(), probes = c.probes - 1, probe = NULL
    FROM freed f
    WHERE c.webhook_id = f.webhook_id AND c.probe = f.call_id
)
SELECT count(*) FROM freed
