-- What became of these attempts of plain queue rows? Only for who still holds the claim.
-- $1 worker; then arrays, one element an attempt: $2 call, $3 attempt, $4 success, $5 HTTP status, $6 error, $7 body,
-- $8 response headers, $9 milliseconds, $10 milliseconds that the endpoint asked for.
WITH outcome AS (
    SELECT * FROM unnest($2::bigint[], $3::integer[], $4::boolean[], $5::integer[], $6::text[], $7::text[], $8::jsonb[], $9::float8[], $10::bigint[])
        AS o (call_id, attempt, ok, http_status, error, body, headers, took_ms, asked_ms)
), held AS MATERIALIZED (
    SELECT q.call_id, q.webhook_id, o.attempt, o.ok, o.http_status, o.error, o.body, o.headers, o.took_ms, o.asked_ms
    FROM wavegate.queue q JOIN outcome o ON o.call_id = q.call_id
    WHERE q.status = 'processing' AND q.claimed_by = $1 AND coalesce(q.retry_count, 0) = o.attempt - 1
    ORDER BY q.call_id
    FOR UPDATE OF q SKIP LOCKED
), decided AS MATERIALIZED (
    SELECT h.*,
           CASE WHEN h.ok THEN 'success'
                WHEN coalesce(w.retry_enabled, true) AND h.attempt <= coalesce(w.max_retries, 3) THEN 'retrying'
                ELSE 'failed' END AS status,
           CASE WHEN NOT h.ok
                THEN now() + greatest(wavegate.backoff_ms(w.retry_delay_ms, w.retry_backoff_multiplier, h.attempt), h.asked_ms) * interval '1 ms' END AS due_at
    FROM held h LEFT JOIN wavegate.webhooks w ON w.webhook_id = h.webhook_id
), written AS (
    UPDATE wavegate.queue q
    SET status = d.status,
        completed_at = CASE WHEN d.status <> 'retrying' THEN now() END,
        next_retry_at = CASE WHEN d.status = 'retrying' THEN d.due_at END,
        retry_count = CASE d.status WHEN 'retrying' THEN d.attempt ELSE d.attempt - 1 END,
        claimed_by = CASE WHEN d.status = 'retrying' THEN NULL ELSE q.claimed_by END, lease_until = NULL,
        response_status = d.http_status, response_body = d.body, response_headers = d.headers,
        error_message = d.error, execution_time_ms = d.took_ms::numeric(12,3)
    FROM decided d
    WHERE q.call_id = d.call_id
    RETURNING q.call_id, q.status, q.webhook_id,
              CASE WHEN d.ok AND isfinite(q.created_at) THEN extract(epoch FROM q.completed_at - q.created_at)::float8 END AS latency,
              EXISTS (SELECT FROM wavegate.circuit c WHERE c.webhook_id = q.webhook_id) AS has_circuit
)
SELECT r.call_id::bigint AS call_id, r.status AS state, r.webhook_id, r.latency, r.has_circuit FROM written r
UNION ALL
-- Still ours, and not written: somebody has locked it, or a trigger of the application's keeps it from being written.
SELECT q.call_id::bigint, CASE WHEN EXISTS (SELECT FROM held h WHERE h.call_id = q.call_id) THEN 'kept' ELSE 'locked' END, q.webhook_id, NULL, false
FROM wavegate.queue q JOIN outcome o ON o.call_id = q.call_id
WHERE q.status = 'processing' AND q.claimed_by = $1 AND coalesce(q.retry_count, 0) = o.attempt - 1
  AND NOT EXISTS (SELECT FROM written r WHERE r.call_id = q.call_id)
