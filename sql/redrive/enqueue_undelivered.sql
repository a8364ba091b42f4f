-- Undelivered events without a queue row and without a live lease get one from the outbox.
-- $1 webhooks, NULL: all fenced; those that NATS can never carry always. $2 how many.
-- A claim whose worker died ends here: it cannot be renewed beside a queue worker of somebody else's, and its attempt is noted.
-- How many were filled, and which were not, because a queue row of somebody's has their id?
WITH fenced AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    JOIN rule_nats_outbox o ON o.event_id = e.event_id
    JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
    WHERE e.webhook_id = ANY (coalesce($1::integer[], ARRAY(SELECT f.webhook_id FROM rule_nats_fences f)))
      AND NOT e.ended AND NOT e.has_queue_row AND e.state <> 'stuck'
      AND (e.state <> 'claimed' OR e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now()))
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id)
    LIMIT $2
    FOR UPDATE OF e SKIP LOCKED
), void AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    JOIN rule_nats_outbox o ON o.event_id = e.event_id
    JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
    WHERE e.void_reason IS NOT NULL AND NOT e.has_queue_row AND NOT e.ended AND e.state <> 'stuck'
      AND (e.state <> 'claimed' OR e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now()))
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id)
    LIMIT $2
    FOR UPDATE OF e SKIP LOCKED
), need AS MATERIALIZED (
    SELECT e.event_id, e.call_id, e.webhook_id, e.attempt, e.due_at, e.created_at, e.state, e.path, e.claimed_by,
           o.payload, o.rule_name
    FROM rule_webhook_events e
    JOIN rule_nats_outbox o ON o.event_id = e.event_id
    WHERE e.event_id = ANY (ARRAY(SELECT f.event_id FROM fenced f UNION SELECT v.event_id FROM void v))
), filled AS (
    INSERT INTO wavegate.queue (call_id, webhook_id, status, payload, rule_name, scheduled_at, next_retry_at, retry_count,
                                created_at, event_id, two_route)
    OVERRIDING SYSTEM VALUE
    SELECT n.call_id, n.webhook_id, CASE WHEN n.attempt > 0 THEN 'retrying' ELSE 'pending' END, n.payload, n.rule_name,
           n.due_at, CASE WHEN n.attempt > 0 THEN n.due_at END, n.attempt, n.created_at, n.event_id, true
    FROM need n
    ON CONFLICT DO NOTHING
    RETURNING event_id
), marked AS (
    UPDATE rule_webhook_events e
    SET has_queue_row = true,
        state = CASE e.state WHEN 'claimed' THEN 'retrying' ELSE e.state END,
        claimed_by = NULL, lease_until = NULL
    FROM need n
    WHERE e.event_id = n.event_id
      AND (e.event_id IN (SELECT f.event_id FROM filled f)
           OR EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = n.call_id AND q.event_id = n.event_id))
    RETURNING e.event_id
), unanswered AS (
    INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id)
    SELECT n.event_id, n.call_id, n.webhook_id, n.attempt, coalesce(n.path, 'nats'), n.claimed_by
    FROM need n JOIN marked m USING (event_id)
    WHERE n.state = 'claimed'
)
SELECT (SELECT count(*) FROM marked) AS filled,
       ARRAY(SELECT n.event_id FROM need n WHERE n.event_id NOT IN (SELECT m.event_id FROM marked m)) AS in_the_way
