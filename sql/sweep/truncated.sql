-- Was the queue truncated? Then undelivered events whose row is gone have none any more. The note goes once none of them is locked.
WITH noted AS MATERIALIZED (
    SELECT r.id FROM wavegate.foreign_results r WHERE r.status = 'truncated' FOR UPDATE SKIP LOCKED
), lost AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE EXISTS (SELECT FROM noted) AND e.has_queue_row AND NOT e.ended
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = e.call_id AND q.event_id = e.event_id)
), gone AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT l.event_id FROM lost l))
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), forgotten AS (
    DELETE FROM wavegate.foreign_results r
    WHERE r.id IN (SELECT n.id FROM noted n) AND (SELECT count(*) FROM lost) = (SELECT count(*) FROM gone)
)
UPDATE rule_webhook_events e SET has_queue_row = false FROM gone g WHERE e.event_id = g.event_id
