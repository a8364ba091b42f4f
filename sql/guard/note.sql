-- One look of the guard at wave $2 of migration $1, in the step that it entered at $3: which gates ($4) failed ($5)? A gate that could not be
-- told is not among them, and keeps its count. Looks that are closer than $6 seconds count once. The row without a gate says that it
-- looked, whatever it could tell.
WITH noted AS (
    INSERT INTO wavegate.guard AS g (migration_id, wave, gate, since, fails, looked_at)
    SELECT $1, $2, u.gate, $3, u.failed::integer, clock_timestamp()
    FROM unnest(array_append($4::text[], ''), array_append($5::boolean[], false)) AS u (gate, failed)
    ON CONFLICT (migration_id, wave, gate) DO UPDATE
    SET (since, fails, looked_at) = (
        SELECT excluded.since,
               CASE WHEN excluded.fails = 0 OR again.step THEN excluded.fails WHEN again.soon THEN g.fails ELSE g.fails + 1 END,
               CASE WHEN excluded.fails = 1 AND again.soon AND NOT again.step THEN g.looked_at ELSE excluded.looked_at END
        FROM (SELECT g.since IS DISTINCT FROM excluded.since AS step,
                     g.fails > 0 AND excluded.looked_at BETWEEN g.looked_at AND g.looked_at + make_interval(secs => $6) AS soon) AS again)
    RETURNING g.gate, g.fails
)
SELECT gate, fails FROM noted WHERE gate <> ''
