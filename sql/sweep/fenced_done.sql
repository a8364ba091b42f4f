-- What was delivered while its webhook stood fenced needs no copy any more: its NATS route is void, its payload goes. $1 at most.
WITH locked AS MATERIALIZED (
    SELECT e.event_id
    FROM wavegate.unpublished u
    JOIN rule_webhook_events e ON e.event_id = u.event_id
    WHERE u.webhook_id = ANY (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f)) AND e.state = 'delivered' AND e.two_route
    LIMIT $1
    FOR UPDATE OF e SKIP LOCKED
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
), closed AS (
    UPDATE rule_webhook_events e SET void_reason = 'fenced'
    FROM done d
    WHERE e.event_id = d.event_id AND e.published_at IS NULL
    RETURNING e.event_id, e.seq, e.webhook_id
), gone AS (
    DELETE FROM wavegate.unpublished u USING closed c WHERE u.partition = c.webhook_id & 7 AND u.seq = c.seq
), outbox AS (
    DELETE FROM rule_nats_outbox o USING closed c WHERE o.event_id = c.event_id
)
SELECT count(*) FROM closed
