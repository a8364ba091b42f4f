-- Was the queue truncated? Then undelivered events whose row is gone have none any more.
WITH noted AS (
    DELETE FROM wavegate.foreign_results r WHERE r.status = 'truncated' RETURNING r.id
), gone AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE EXISTS (SELECT FROM noted) AND e.has_queue_row AND NOT e.ended
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = e.call_id AND q.event_id = e.event_id)
    ORDER BY e.event_id
    FOR UPDATE
)
UPDATE rule_webhook_events e SET has_queue_row = false FROM gone g WHERE e.event_id = g.event_id
