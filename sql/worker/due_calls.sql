-- Which queue rows may a claim look at now? Asked only where PostgreSQL refuses a claim, to find the row that it refuses: $1 of one webhook
-- at most, $2 in all, $3 not these calls, $4 only these webhooks (NULL: any).
SELECT c.call_id::bigint AS call_id, c.webhook_id, c.event_id
FROM wavegate.webhooks w
CROSS JOIN LATERAL (
    SELECT q.call_id, q.webhook_id, CASE WHEN q.two_route THEN q.event_id END AS event_id
    FROM wavegate.queue q
    WHERE q.status IN ('pending', 'retrying') AND q.webhook_id = w.webhook_id
      AND CASE q.status WHEN 'retrying' THEN coalesce(q.next_retry_at, q.scheduled_at) ELSE q.scheduled_at END <= now()
      AND q.call_id <> ALL ($3::bigint[])
      AND NOT EXISTS (SELECT FROM wavegate.stuck s WHERE s.call_id = q.call_id)
    ORDER BY CASE q.status WHEN 'retrying' THEN coalesce(q.next_retry_at, q.scheduled_at) ELSE q.scheduled_at END
    LIMIT $1
) c
WHERE coalesce(w.enabled, true) AND ($4::integer[] IS NULL OR w.webhook_id = ANY ($4))
LIMIT $2
