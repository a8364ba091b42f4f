-- Publish history of before $1 goes, oldest first: $3 rows at most, from $2 on. How many were looked at, how far, how many went?
-- By the index on published_at; from where the last batch ended, so that nothing reads what is dead already.
WITH looked AS MATERIALIZED (
    SELECT h.publish_id, h.published_at
    FROM rule_nats_publish_history h
    WHERE h.published_at < $1 AND h.published_at >= coalesce($2::timestamptz, '-infinity')
    ORDER BY h.published_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM rule_nats_publish_history h
    WHERE h.publish_id = ANY (ARRAY(SELECT l.publish_id FROM looked l))
    RETURNING h.publish_id
)
SELECT (SELECT count(*) FROM looked) AS looked, (SELECT max(l.published_at) FROM looked l) AS up_to,
       (SELECT count(*) FROM gone) AS gone
