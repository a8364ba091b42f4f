-- What stands still or was given up, counted from what PostgreSQL knows alone? One line a cause that there is: how many, since when, and the
-- webhook that has waited longest. $1: what is due waits for so many seconds before it counts.
WITH late AS (
    SELECT e.webhook_id, e.has_queue_row, e.due_at
    FROM rule_webhook_events e
    JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
    WHERE NOT e.ended AND e.state IN ('open', 'retrying') AND coalesce(w.enabled, true) AND e.due_at < now() - $1 * interval '1 s'
), due AS (
    SELECT q.webhook_id, CASE q.status WHEN 'retrying' THEN coalesce(q.next_retry_at, q.scheduled_at) ELSE q.scheduled_at END AS due_at
    FROM wavegate.queue q
    JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    WHERE q.status IN ('pending', 'retrying') AND q.event_id IS NULL AND coalesce(w.enabled, true)
), trouble AS (
    SELECT 'circuit_open' AS cause, c.webhook_id, c.opened_at AS since FROM wavegate.circuit c WHERE c.open_until IS NOT NULL
    UNION ALL
    SELECT 'fenced', f.webhook_id, f.set_at FROM rule_nats_fences f
    UNION ALL
    SELECT 'dead', e.webhook_id, e.created_at FROM rule_webhook_events e WHERE e.dead AND e.discarded_at IS NULL
    UNION ALL
    SELECT 'stuck', s.webhook_id, s.since FROM wavegate.stuck s
    UNION ALL
    SELECT CASE WHEN l.has_queue_row THEN 'undelivered' ELSE 'undelivered_without_row' END, l.webhook_id, l.due_at FROM late l
    UNION ALL
    SELECT 'queue_late', d.webhook_id, d.due_at FROM due d WHERE d.due_at < now() - $1 * interval '1 s'
)
SELECT t.cause, count(*) AS events, count(DISTINCT t.webhook_id) AS webhooks, min(t.since) AS since,
       (SELECT w.webhook_name FROM wavegate.webhooks w WHERE w.webhook_id = (array_agg(t.webhook_id ORDER BY t.since))[1])::text AS webhook
FROM trouble t
GROUP BY t.cause
ORDER BY t.cause
