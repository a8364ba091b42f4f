-- NATS can never carry these events ($1, for the reasons $2): the queue delivers them, at once. One without a queue row gets it. Which
-- are not marked yet, because somebody has locked them?
WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::text[]) AS a (event_id, reason)
), locked AS MATERIALIZED (
    SELECT e.event_id, e.state, e.call_id, e.webhook_id, e.attempt, e.due_at, e.created_at,
           NOT e.has_queue_row AND (e.state IN ('open', 'retrying') OR e.state = 'claimed' AND e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now()))
               AS needs_row
    FROM rule_webhook_events e
    WHERE e.event_id = ANY ($1)
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), kept AS MATERIALIZED (
    SELECT o.event_id
    FROM rule_nats_outbox o
    WHERE o.event_id = ANY (ARRAY(SELECT l.event_id FROM locked l WHERE l.state = 'delivered'))
    ORDER BY o.event_id
    FOR UPDATE SKIP LOCKED
), held AS MATERIALIZED (
    SELECT l.*
    FROM locked l
    WHERE l.state <> 'delivered' OR l.event_id IN (SELECT k.event_id FROM kept k)
       OR NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = l.event_id)
), filled AS (
    INSERT INTO wavegate.queue (call_id, webhook_id, status, payload, rule_name, scheduled_at, next_retry_at, retry_count,
                                created_at, event_id, two_route)
    OVERRIDING SYSTEM VALUE
    SELECT h.call_id, h.webhook_id, CASE WHEN h.attempt > 0 THEN 'retrying' ELSE 'pending' END, o.payload, o.rule_name,
           h.due_at, CASE WHEN h.attempt > 0 THEN h.due_at END, h.attempt, h.created_at, h.event_id, true
    FROM held h
    JOIN rule_nats_outbox o USING (event_id)
    JOIN wavegate.webhooks w ON w.webhook_id = h.webhook_id
    WHERE h.needs_row
    ON CONFLICT DO NOTHING
    RETURNING event_id
), marked AS (
    UPDATE rule_webhook_events e
    SET void_reason = a.reason,
        has_queue_row = e.has_queue_row OR e.event_id IN (SELECT f.event_id FROM filled f)
    FROM held h JOIN asked a USING (event_id)
    WHERE e.event_id = h.event_id
    RETURNING e.event_id, e.state, e.call_id, e.due_at, e.seq, e.webhook_id
), late AS (
    SELECT q.call_id, m.due_at
    FROM marked m JOIN wavegate.queue q ON q.call_id = m.call_id AND q.event_id = m.event_id
    WHERE q.status = 'pending' AND q.scheduled_at > m.due_at
    FOR UPDATE OF q SKIP LOCKED
), forward AS (
    UPDATE wavegate.queue q SET scheduled_at = l.due_at FROM late l WHERE q.call_id = l.call_id AND q.status = 'pending'
), done AS (
    DELETE FROM wavegate.unpublished u USING marked m WHERE u.partition = m.webhook_id & 7 AND u.seq = m.seq
), outbox AS (
    DELETE FROM rule_nats_outbox o USING marked m WHERE o.event_id = m.event_id AND m.state = 'delivered'
)
SELECT e.event_id
FROM rule_webhook_events e
WHERE e.event_id = ANY ($1) AND e.event_id NOT IN (SELECT h.event_id FROM held h)
