-- Which of these results can be written now? Arrays: $1 event, $2 attempt; $3 worker. What can be is locked: ledger, queue and outbox
-- row, in the order in which everybody locks them, so that the next statement sees what was done to them until now: a queue row that the
-- relay gave an event meanwhile, above all. What somebody else has locked is passed over, and waited for by nobody.
WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::integer[]) AS a (event_id, attempt)
), event AS MATERIALIZED (
    SELECT e.event_id, e.call_id, e.has_queue_row
    FROM rule_webhook_events e JOIN asked a ON a.event_id = e.event_id
    WHERE e.state = 'claimed' AND e.claimed_by = $3 AND e.attempt = a.attempt
    ORDER BY e.event_id
    FOR UPDATE OF e SKIP LOCKED
), queue_row AS MATERIALIZED (
    SELECT q.call_id
    FROM wavegate.queue q
    WHERE q.call_id = ANY (ARRAY(SELECT v.call_id FROM event v WHERE v.has_queue_row))
    ORDER BY q.call_id
    FOR UPDATE SKIP LOCKED
), payload AS MATERIALIZED (
    SELECT o.event_id
    FROM rule_nats_outbox o
    WHERE o.event_id = ANY (ARRAY(SELECT v.event_id FROM event v))
    ORDER BY o.event_id
    FOR UPDATE SKIP LOCKED
)
SELECT a.event_id,
       CASE WHEN v.event_id IS NULL
                THEN CASE WHEN EXISTS (SELECT FROM rule_webhook_events e
                                       WHERE e.event_id = a.event_id AND e.state = 'claimed' AND e.claimed_by = $3 AND e.attempt = a.attempt)
                          THEN 'locked' ELSE 'lost' END
            -- A row that is younger than this statement is not seen here, and locked by nobody.
            WHEN v.has_queue_row AND v.call_id NOT IN (SELECT r.call_id FROM queue_row r)
                 AND EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = v.call_id AND q.event_id = v.event_id)
                THEN 'locked'
            WHEN v.event_id NOT IN (SELECT p.event_id FROM payload p)
                 AND EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = v.event_id)
                THEN 'locked'
            ELSE 'free' END AS verdict
FROM asked a LEFT JOIN event v ON v.event_id = a.event_id
