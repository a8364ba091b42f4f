-- Undelivered events that lost their queue row after the foreign durable $1 had acknowledged them: delivered by it. $2 at most.
WITH locked AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE NOT e.has_queue_row AND e.nats_seen_at IS NOT NULL
      AND (e.state IN ('open', 'retrying') OR e.state = 'claimed' AND e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now()))
    ORDER BY e.event_id
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), kept AS MATERIALIZED (
    SELECT o.event_id
    FROM rule_nats_outbox o
    WHERE o.event_id = ANY (ARRAY(SELECT l.event_id FROM locked l))
    ORDER BY o.event_id
    FOR UPDATE SKIP LOCKED
), done AS MATERIALIZED (
    SELECT l.event_id
    FROM locked l
    WHERE l.event_id IN (SELECT k.event_id FROM kept k)
       OR NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = l.event_id)
), marked AS (
    UPDATE rule_webhook_events e
    SET state = 'delivered', path = 'nats', claimed_by = $1, lease_until = NULL, delivered_at = now()
    FROM done d
    WHERE e.event_id = d.event_id
    RETURNING e.event_id
)
DELETE FROM rule_nats_outbox o USING marked m WHERE o.event_id = m.event_id
