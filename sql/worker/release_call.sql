-- The plain queue row $1 was claimed (worker $2, attempt $3) and never called: let it go, as if it had not been claimed.
WITH freed AS (
    UPDATE wavegate.queue q
    SET status = CASE WHEN coalesce(q.retry_count, 0) > 0 THEN 'retrying' ELSE 'pending' END, claimed_by = NULL, lease_until = NULL
    WHERE q.call_id = $1 AND q.status = 'processing' AND q.claimed_by = $2 AND coalesce(q.retry_count, 0) = $3 - 1
    RETURNING q.call_id, q.webhook_id
), probe AS (
    UPDATE wavegate.circuit c
    SET open_until = now(), probes = c.probes - 1, probe = NULL
    FROM freed f
    WHERE c.webhook_id = f.webhook_id AND c.probe = f.call_id
)
SELECT count(*) FROM freed
