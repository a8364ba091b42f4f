-- What did the gates say? The newest rows, oldest first. $1 migration (NULL: before one began), $2 wave, $3 gate, $4 since, $5 at most;
-- $6: every row, not only where a verdict or a step changed.
WITH ordered AS (
    SELECT r.id, r.at, coalesce(r.until, r.at) AS until, r.looks, r.wave, r.step, r.gate, r.verdict, r.reason, r.inputs,
           (r.verdict, r.step) IS DISTINCT FROM
           (lag(r.verdict) OVER every, lag(r.step) OVER every) OR $6 AS changed
    FROM wavegate.gate_result r
    WHERE r.migration_id IS NOT DISTINCT FROM $1 AND ($2::text IS NULL OR r.wave = $2) AND ($3::text IS NULL OR r.gate = $3)
      AND coalesce(r.until, r.at) >= $4
    WINDOW every AS (PARTITION BY r.wave, r.gate ORDER BY r.id)
), numbered AS (
    SELECT o.*, count(*) FILTER (WHERE o.changed) OVER (PARTITION BY o.wave, o.gate ORDER BY o.id) AS run FROM ordered o
), runs AS (
    SELECT n.wave, n.gate, n.run, min(n.at) AS at, max(n.until) AS until, sum(n.looks)::bigint AS looks, max(n.id) AS id
    FROM numbered n GROUP BY n.wave, n.gate, n.run
), newest AS (
    SELECT * FROM runs ORDER BY id DESC LIMIT $5
)
SELECT n.at, n.until, n.looks, r.wave, r.step, r.gate, r.verdict, r.reason, r.inputs
FROM newest n
JOIN wavegate.gate_result r USING (id)
ORDER BY n.at, n.id
