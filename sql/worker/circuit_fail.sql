-- Calls failed since the last success: is a circuit to open, and which are open now? For 5 s, doubling with each probe that fails
-- up to 5 minutes, and as long as the endpoint asked for.
-- Arrays, one element a webhook: $1 webhook, $2 failures, $3 last error, $4 ms the endpoint asked for; $5 every failed call,
-- $6 failures that open a circuit (0: only what an endpoint asks for).
INSERT INTO wavegate.circuit AS c (webhook_id, failures, opened_at, open_until, last_error)
SELECT n.webhook_id, n.failures, CASE WHEN n.open_until IS NOT NULL THEN now() END, n.open_until, n.error
FROM (SELECT f.webhook_id, f.failures, f.error,
             greatest(now() + f.asked_ms * interval '1 ms',
                      CASE WHEN $6::integer > 0 AND f.failures >= $6 THEN now() + interval '5 s' END) AS open_until
      FROM unnest($1::integer[], $2::integer[], $3::text[], $4::bigint[]) AS f (webhook_id, failures, error, asked_ms)) n
ORDER BY n.webhook_id
ON CONFLICT (webhook_id) DO UPDATE
SET failures = c.failures + excluded.failures,
    opened_at = coalesce(c.opened_at, excluded.opened_at,
                         CASE WHEN $6::integer > 0 AND c.failures + excluded.failures >= $6 THEN now() END),
    open_until = CASE
        WHEN c.open_until IS NULL THEN
            greatest(excluded.open_until,
                     CASE WHEN $6::integer > 0 AND c.failures + excluded.failures >= $6 THEN now() + interval '5 s' END)
        WHEN c.probe = ANY ($5::bigint[]) THEN
            greatest(excluded.open_until, now() + least(5 * 2 ^ least(c.probes, 10), 300) * interval '1 s')
        ELSE greatest(c.open_until, excluded.open_until) END,
    probe = CASE WHEN c.probe = ANY ($5::bigint[]) THEN NULL ELSE c.probe END,
    last_error = excluded.last_error, failed_at = now()
RETURNING c.webhook_id, c.open_until IS NOT NULL AS rests
