-- Ids that callers chose before $1 are free again, once neither ledger nor queue has a row of that name: $3 are looked at, from $2
-- on. How many were looked at, how far, how many went?
WITH looked AS MATERIALIZED (
    SELECT i.event_id, i.created_at
    FROM wavegate.event_ids i
    WHERE i.created_at < $1 AND i.created_at >= coalesce($2::timestamptz, '-infinity')
    ORDER BY i.created_at
    LIMIT $3
), gone AS (
    DELETE FROM wavegate.event_ids i
    WHERE i.event_id = ANY (ARRAY(SELECT l.event_id FROM looked l))
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = i.event_id)
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.event_id = i.event_id)
    RETURNING i.event_id
)
SELECT (SELECT count(*) FROM looked) AS looked, (SELECT max(l.created_at) FROM looked l) AS up_to,
       (SELECT count(*) FROM gone) AS gone
