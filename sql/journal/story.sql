-- What the journal says of flips and rollbacks ($1: these kinds) of each wave, each webhook that was taken back alone ($2: their
-- kinds, in which $3 begins a rollback) and of everything, from the end before the last one ($4: these kinds) on. Of migration $5, or
-- of all. Oldest first.
WITH alone AS MATERIALIZED (
    SELECT DISTINCT webhook_id FROM wavegate.journal WHERE step = $3 AND webhook_id IS NOT NULL
), told AS (
    SELECT j.*, count(*) FILTER (WHERE j.step = ANY ($4::text[]))
                    OVER (PARTITION BY j.webhook_id, CASE WHEN j.webhook_id IS NULL THEN j.migration_id END,
                                      CASE WHEN j.webhook_id IS NULL THEN j.wave END ORDER BY j.id DESC) AS ends
    FROM wavegate.journal j
    WHERE ($5::integer IS NULL OR j.migration_id = $5)
      AND (j.webhook_id IS NULL AND j.step = ANY ($1::text[])
           OR j.webhook_id IN (SELECT a.webhook_id FROM alone a) AND j.step = ANY ($2::text[]))
)
SELECT id, at, who, host, command, step, migration_id, wave, webhook_id, before, after FROM told WHERE ends < 2 ORDER BY id
