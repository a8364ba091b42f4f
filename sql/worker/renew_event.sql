-- Is event $1 still ours (worker $2, attempt $3)? Then hold it $4 ms longer from now, and its queue row.
WITH held AS (
    UPDATE rule_webhook_events e
    SET lease_until = now() + $4::integer * interval '1 ms'
    WHERE e.event_id = $1 AND e.state = 'claimed' AND e.claimed_by = $2 AND e.attempt = $3
    RETURNING e.event_id, e.call_id, e.webhook_id, e.has_queue_row, e.lease_until
), row_too AS (
    UPDATE wavegate.queue q
    SET lease_until = h.lease_until
    FROM held h
    WHERE h.has_queue_row AND q.call_id = h.call_id AND q.event_id = h.event_id AND q.status = 'processing' AND q.claimed_by = $2
), probe AS (
    -- No second attempt is let through beside this one.
    UPDATE wavegate.circuit c SET open_until = h.lease_until FROM held h WHERE c.webhook_id = h.webhook_id AND c.probe = h.call_id
)
SELECT count(*) FROM held
