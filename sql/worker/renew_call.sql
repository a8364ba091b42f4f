-- Is the plain queue row $1 still ours (worker $2, attempt $3)? Then hold it $4 ms longer from now. If somebody has locked it, it is not
-- waited for.
WITH mine AS MATERIALIZED (
    SELECT q.call_id
    FROM wavegate.queue q
    WHERE q.call_id = $1 AND q.status = 'processing' AND q.claimed_by = $2 AND coalesce(q.retry_count, 0) = $3 - 1
    FOR UPDATE SKIP LOCKED
), held AS (
    UPDATE wavegate.queue q
    SET lease_until = now() + $4::integer * interval '1 ms'
    FROM mine m
    WHERE q.call_id = m.call_id
    RETURNING q.call_id, q.webhook_id, q.lease_until
), probe AS (
    -- No second attempt is let through beside this one.
    UPDATE wavegate.circuit c SET open_until = h.lease_until FROM held h WHERE c.webhook_id = h.webhook_id AND c.probe = h.call_id
)
SELECT CASE WHEN EXISTS (SELECT FROM held) THEN 'held'
            WHEN EXISTS (SELECT FROM wavegate.queue q
                         WHERE q.call_id = $1 AND q.status = 'processing' AND q.claimed_by = $2 AND coalesce(q.retry_count, 0) = $3 - 1) THEN 'locked'
            ELSE 'lost' END
