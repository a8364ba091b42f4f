-- Keeps what the gates said, with their inputs. $1 now, $2 migration, $3 wave, $4 step, $5 its start, $6 to $9 the gates.
-- A look that says what the last one said goes into its row, until that row covers a fiftieth of the step's age (10 s at
-- least; an hour where no step has begun): a month of looks is some 400 rows a gate, however many looks they were. A gate that
-- changes its mind at every look keeps its newest 1000 rows of the step.
WITH said AS (
    SELECT g.* FROM unnest($6::text[], $7::text[], $8::text[], $9::jsonb[]) AS g (gate, verdict, reason, inputs)
), last AS (
    SELECT r.id, r.at, coalesce(r.until, r.at) AS until, r.step, r.verdict, s.gate, s.reason, s.inputs, s.verdict AS now_says
    FROM said s
    CROSS JOIN LATERAL (
        SELECT r.* FROM wavegate.gate_result r
        WHERE r.wave = $3 AND r.gate = s.gate AND r.migration_id IS NOT DISTINCT FROM $2
        ORDER BY r.id DESC LIMIT 1
    ) r
), grown AS (
    UPDATE wavegate.gate_result r
    SET until = $1, looks = r.looks + 1, reason = l.reason, inputs = l.inputs
    FROM last l
    WHERE r.id = l.id AND l.verdict = l.now_says AND l.step = $4 AND l.until <= $1
      AND l.at >= coalesce($5::timestamptz, '-infinity')
      AND $1 - l.at < coalesce(greatest(($1 - $5) / 50, interval '10 s'), interval '1 hour')
    RETURNING r.gate
), gone AS (
    DELETE FROM wavegate.gate_result r
    USING said s CROSS JOIN LATERAL (
        SELECT old.id FROM wavegate.gate_result old
        WHERE old.wave = $3 AND old.gate = s.gate AND old.migration_id IS NOT DISTINCT FROM $2
          AND old.at >= coalesce($5, '-infinity')
        ORDER BY old.id DESC OFFSET 999
    ) old
    WHERE r.id = old.id AND s.gate NOT IN (SELECT g.gate FROM grown g)
)
INSERT INTO wavegate.gate_result (at, migration_id, wave, step, gate, verdict, reason, inputs)
SELECT $1, $2, $3, $4, s.gate, s.verdict, s.reason, s.inputs
FROM said s
WHERE s.gate NOT IN (SELECT g.gate FROM grown g)
