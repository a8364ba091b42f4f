-- Which dead events, failed calls and events that were set aside are there one by one, newest first? $6 at most.
-- $1 webhooks, $2 event ids with $3 call ids, $4 committed from, $5 to; each NULL: any.
WITH dead AS (
    SELECT e.event_id, e.call_id, e.webhook_id, e.created_at, e.attempt, e.http_status, coalesce(e.error, '') AS error,
           EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id)
               OR EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = e.call_id AND q.event_id = e.event_id) AS has_payload,
           EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id) AS waits, false AS stuck
    FROM rule_webhook_events e
    WHERE e.dead AND e.discarded_at IS NULL
      AND ($1::integer[] IS NULL OR e.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR e.event_id = ANY ($2) OR e.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR e.created_at >= $4) AND ($5::timestamptz IS NULL OR e.created_at < $5)
    UNION ALL
    SELECT coalesce(q.event_id, 'call-' || q.call_id), q.call_id, q.webhook_id, q.created_at, coalesce(q.retry_count, 0) + 1,
           q.response_status, coalesce(q.error_message, ''), true, false, false
    FROM wavegate.queue q
    WHERE q.status = 'failed'
      AND ($1::integer[] IS NULL OR q.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR q.event_id = ANY ($2) OR q.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR q.created_at >= $4) AND ($5::timestamptz IS NULL OR q.created_at < $5)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = q.event_id)
    UNION ALL
    -- Set aside by name, dead or not.
    SELECT coalesce(s.event_id, q.event_id, 'call-' || s.call_id), s.call_id, s.webhook_id, s.since,
           coalesce(e.attempt, coalesce(q.retry_count, 0) + (q.status = 'processing')::integer, 0), s.http_status,
           CASE s.what WHEN 'read' THEN 'cannot be read: ' WHEN 'claim' THEN 'cannot be claimed: ' WHEN 'publish' THEN 'cannot be published: '
                       ELSE CASE WHEN s.delivered THEN 'the endpoint took it, and its result cannot be written: '
                                 ELSE 'its result cannot be written: ' END END || s.reason,
           true, false, true
    FROM wavegate.stuck s
    LEFT JOIN rule_webhook_events e ON e.event_id = s.event_id
    LEFT JOIN wavegate.queue q ON q.call_id = s.call_id
    WHERE ($1::integer[] IS NULL OR s.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR s.event_id = ANY ($2) OR s.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR s.since >= $4) AND ($5::timestamptz IS NULL OR s.since < $5)
)
SELECT d.event_id, d.call_id::bigint AS call_id, d.webhook_id, w.webhook_name, CASE WHEN d.created_at BETWEEN '0001-01-01' AND '9999-12-31' THEN d.created_at END AS created_at, d.attempt, d.http_status, d.error,
       d.has_payload, d.stuck
FROM dead d
LEFT JOIN wavegate.webhooks w ON w.webhook_id = d.webhook_id
ORDER BY d.created_at DESC, d.event_id
LIMIT $6
