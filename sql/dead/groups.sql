-- Which dead events and failed calls are there, by webhook and error, newest first? $6 groups at most.
-- $1 webhooks, $2 event ids with $3 call ids, $4 committed from, $5 to; each NULL: any.
WITH dead AS (
    SELECT e.event_id, e.call_id, e.webhook_id, e.created_at, e.attempt, e.http_status, coalesce(e.error, '') AS error,
           EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id)
               OR EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = e.call_id AND q.event_id = e.event_id) AS has_payload,
           EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id) AS waits
    FROM rule_webhook_events e
    WHERE e.dead AND e.discarded_at IS NULL
      AND ($1::integer[] IS NULL OR e.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR e.event_id = ANY ($2) OR e.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR e.created_at >= $4) AND ($5::timestamptz IS NULL OR e.created_at < $5)
    UNION ALL
    SELECT coalesce(q.event_id, 'call-' || q.call_id), q.call_id, q.webhook_id, q.created_at, coalesce(q.retry_count, 0) + 1,
           q.response_status, coalesce(q.error_message, ''), true, false
    FROM wavegate.queue q
    WHERE q.status = 'failed'
      AND ($1::integer[] IS NULL OR q.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR q.event_id = ANY ($2) OR q.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR q.created_at >= $4) AND ($5::timestamptz IS NULL OR q.created_at < $5)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = q.event_id)
)
SELECT d.webhook_id, w.webhook_name, d.error, d.http_status, count(*) AS events, min(d.created_at) AS oldest, max(d.created_at) AS newest,
       count(*) FILTER (WHERE NOT d.has_payload) AS without_payload, count(*) FILTER (WHERE d.waits) AS waiting,
       (sum(count(*)) OVER ())::bigint AS all_events,
       (sum(count(*) FILTER (WHERE d.has_payload AND NOT d.waits AND w.webhook_id IS NOT NULL)) OVER ())::bigint AS all_able
FROM dead d
LEFT JOIN wavegate.webhooks w ON w.webhook_id = d.webhook_id
GROUP BY d.webhook_id, w.webhook_id, w.webhook_name, d.error, d.http_status
ORDER BY newest DESC, d.webhook_id
LIMIT $6
