-- Is event $1 still ours (worker $2, attempt $3)? Then hold it $4 ms longer from now, and its queue row. What somebody has locked is not
-- waited for.
WITH mine AS MATERIALIZED (
    SELECT e.event_id, e.call_id, e.has_queue_row
    FROM rule_webhook_events e
    WHERE e.event_id = $1 AND e.state = 'claimed' AND e.claimed_by = $2 AND e.attempt = $3
    FOR UPDATE SKIP LOCKED
), held AS (
    UPDATE rule_webhook_events e
    SET lease_until = now() + $4::integer * interval '1 ms'
    FROM mine m
    WHERE e.event_id = m.event_id
    RETURNING e.event_id, e.call_id, e.webhook_id, e.lease_until
), row_of_it AS MATERIALIZED (
    -- Where it is locked its lease ends, and the ledger's holds the event.
    SELECT q.call_id
    FROM wavegate.queue q JOIN mine m ON q.call_id = m.call_id AND q.event_id = m.event_id
    WHERE m.has_queue_row AND q.status = 'processing' AND q.claimed_by = $2
    FOR UPDATE OF q SKIP LOCKED
), row_too AS (
    UPDATE wavegate.queue q
    SET lease_until = h.lease_until
    FROM held h JOIN row_of_it r ON r.call_id = h.call_id
    WHERE q.call_id = r.call_id
), probe AS (
    -- No second attempt is let through beside this one.
    UPDATE wavegate.circuit c SET open_until = h.lease_until FROM held h WHERE c.webhook_id = h.webhook_id AND c.probe = h.call_id
)
SELECT CASE WHEN EXISTS (SELECT FROM held) THEN 'held'
            WHEN EXISTS (SELECT FROM rule_webhook_events e
                         WHERE e.event_id = $1 AND e.state = 'claimed' AND e.claimed_by = $2 AND e.attempt = $3) THEN 'locked'
            ELSE 'lost' END
