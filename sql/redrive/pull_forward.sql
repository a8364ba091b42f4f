-- Queue rows of undelivered events that wait for NATS first: due now, never earlier than the event.
-- $1 webhooks, NULL: all fenced. $2 how many. $3 only rows due within so many ms; NULL: within the longest takeover of these
-- webhooks, so that a look while a fence stands reads no row that is due anyway, and none of next week.
WITH scope AS MATERIALIZED (
    SELECT w.webhook_id, w.nats_takeover_after_ms
    FROM wavegate.webhooks w
    WHERE w.webhook_id = ANY (coalesce($1::integer[], ARRAY(SELECT f.webhook_id FROM rule_nats_fences f)))
), horizon AS (
    SELECT now() + coalesce($3::float8, max(s.nats_takeover_after_ms), 0) * interval '1 ms' AS at FROM scope s
), late AS (
    SELECT q.call_id, e.due_at
    FROM wavegate.queue q JOIN rule_webhook_events e ON e.event_id = q.event_id AND e.call_id = q.call_id
    WHERE (q.status = 'pending' AND q.scheduled_at > now() AND q.scheduled_at <= (SELECT h.at FROM horizon h)
               AND q.scheduled_at > e.due_at
           OR q.status = 'retrying' AND q.next_retry_at > now() AND q.next_retry_at <= (SELECT h.at FROM horizon h)
               AND q.next_retry_at > e.due_at)
      AND q.two_route AND q.webhook_id IN (SELECT s.webhook_id FROM scope s)
      AND NOT e.ended AND e.has_queue_row
    LIMIT $2
    FOR UPDATE OF q SKIP LOCKED
), moved AS (
    UPDATE wavegate.queue q
    SET scheduled_at = CASE WHEN q.status = 'pending' THEN l.due_at ELSE q.scheduled_at END,
        next_retry_at = CASE WHEN q.status = 'retrying' THEN l.due_at ELSE q.next_retry_at END
    FROM late l
    WHERE q.call_id = l.call_id AND q.status IN ('pending', 'retrying')
    RETURNING q.call_id
)
SELECT count(*) FROM moved
