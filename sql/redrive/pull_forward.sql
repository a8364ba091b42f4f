-- Queue rows of undelivered events that wait for NATS first: due now, never earlier than the event. $1 webhooks, NULL: all fenced.
WITH late AS (
    SELECT q.call_id, e.due_at
    FROM rule_webhook_events e JOIN wavegate.queue q ON q.call_id = e.call_id AND q.event_id = e.event_id
    WHERE e.webhook_id = ANY (coalesce($1::integer[], ARRAY(SELECT f.webhook_id FROM rule_nats_fences f)))
      AND e.state IN ('open', 'claimed', 'retrying') AND e.has_queue_row
      AND (q.status = 'pending' AND q.scheduled_at > e.due_at OR q.status = 'retrying' AND q.next_retry_at > e.due_at)
    ORDER BY q.call_id
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
