-- A relay died between publishing and marking, and NATS has delivered the event meanwhile: there is nothing left to publish.
-- An event of two routes keeps its payload until it is marked, so that only the others can be meant. $1 at most.
WITH done AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.state = 'delivered' AND e.published_at IS NULL AND e.void_reason IS NULL AND NOT e.two_route
      AND NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id)
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
UPDATE rule_webhook_events e
SET published_at = coalesce(e.nats_seen_at, e.delivered_at, now()), publish_count = greatest(e.publish_count, e.seen_count)
FROM done d
WHERE e.event_id = d.event_id
