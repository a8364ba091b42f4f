-- What was delivered while its webhook stood fenced needs no copy any more: its NATS route is void, its payload goes. $1 at most.
WITH done AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.state = 'delivered' AND e.published_at IS NULL AND e.void_reason IS NULL AND e.two_route
      AND e.webhook_id = ANY (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), closed AS (
    UPDATE rule_webhook_events e SET void_reason = 'fenced' FROM done d WHERE e.event_id = d.event_id RETURNING e.event_id
), outbox AS (
    DELETE FROM rule_nats_outbox o USING closed c WHERE o.event_id = c.event_id
)
SELECT count(*) FROM closed
