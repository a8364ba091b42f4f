-- Notes of ambiguous attempts of before $1 go with their event's ledger row: $3 are looked at, after id $2. Up to which id, and
-- how many went?
WITH looked AS MATERIALIZED (
    SELECT a.id, a.event_id, a.at
    FROM wavegate.ambiguous_attempt a
    WHERE a.id > $2
    ORDER BY a.id
    LIMIT $3
), gone AS (
    DELETE FROM wavegate.ambiguous_attempt a
    WHERE a.id = ANY (ARRAY(SELECT l.id FROM looked l WHERE l.at < $1
                            AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = l.event_id)))
    RETURNING a.id
)
SELECT (SELECT max(l.id) FROM looked l) AS up_to, (SELECT count(*) FROM gone) AS gone
