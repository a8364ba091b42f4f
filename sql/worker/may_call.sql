-- May these claims be called now, and with what? Asked of claims that are older than a moment, and of those whose payload was not read.
-- $1 worker, $2 path; arrays, one element a claim: $3 call, $4 event (NULL: a plain queue row), $5 attempt, $6 whether its payload is wanted.
WITH asked AS (
    SELECT * FROM unnest($3::bigint[], $4::text[], $5::integer[], $6::boolean[]) AS a (call_id, event_id, attempt, wanted)
), ours AS (
    SELECT a.call_id, e.event_id, a.wanted, e.webhook_id, e.has_queue_row, e.prefers, e.due_at
    FROM asked a JOIN rule_webhook_events e ON e.event_id = a.event_id
    WHERE e.state = 'claimed' AND e.claimed_by = $1 AND e.attempt = a.attempt
    UNION ALL
    SELECT a.call_id, NULL, a.wanted, q.webhook_id, true, 'queue', q.scheduled_at
    FROM asked a JOIN wavegate.queue q ON q.call_id = a.call_id
    WHERE a.event_id IS NULL AND q.status = 'processing' AND q.claimed_by = $1 AND coalesce(q.retry_count, 0) = a.attempt - 1
), judged AS (
    SELECT o.call_id, o.event_id, o.wanted, w.webhook_id, w.url, w.method, w.headers, w.timeout_ms,
           w.webhook_id IS NOT NULL AND coalesce(w.enabled, true)
           AND NOT EXISTS (SELECT FROM wavegate.circuit c
                           WHERE c.webhook_id = o.webhook_id AND c.open_until IS NOT NULL AND c.probe IS DISTINCT FROM o.call_id)
           AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = o.event_id)
           AND ($2 = 'queue'
                OR NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = o.webhook_id)
                   AND wavegate.nats_may_deliver(o.has_queue_row, o.prefers, w.nats_share, o.due_at,
                                                 greatest(p.claimed_at, (SELECT max(k.until) FROM wavegate.outage k WHERE k.webhook_id = w.webhook_id)),
                                                 w.nats_takeover_after_ms, now())) AS may
    FROM ours o
    LEFT JOIN wavegate.webhooks w ON w.webhook_id = o.webhook_id
    LEFT JOIN wavegate.path_activity p ON p.webhook_id = o.webhook_id AND p.path = 'queue'
)
SELECT a.call_id,
       CASE WHEN j.call_id IS NULL THEN 'lost' WHEN j.may THEN 'yes' ELSE 'no' END AS verdict,
       coalesce(j.url, '') AS url, coalesce(j.method, 'POST') AS method,
       -- Large ones come with the payload only: making their text may take seconds, or fail.
       CASE WHEN NOT coalesce(j.may, false) THEN '{}'
            WHEN j.wanted OR pg_column_size(jsonb_build_array(j.headers)) <= 8192 THEN coalesce(j.headers, '{}') END AS headers,
       least(greatest(coalesce(j.timeout_ms, 5000), 1), 60000) AS timeout_ms,
       CASE WHEN j.may AND j.wanted
            THEN CASE $2 WHEN 'nats' THEN (SELECT o.payload::text FROM rule_nats_outbox o WHERE o.event_id = j.event_id)
                         ELSE (SELECT q.payload::text FROM wavegate.queue q WHERE q.call_id = j.call_id) END END AS payload,
       (SELECT k.secret_value FROM {schema}.rule_webhook_secrets k
        WHERE k.webhook_id = j.webhook_id AND k.secret_name = 'signing_secret') AS secret
FROM asked a
LEFT JOIN judged j ON j.call_id = a.call_id
