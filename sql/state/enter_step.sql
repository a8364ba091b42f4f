-- Wave $2 of migration $1 enters step $3 with share $4, as attempt $5. Repeated, it keeps the time it entered first, unless $6: anew.
UPDATE wavegate.wave w
SET entered_at = CASE WHEN NOT $6 AND (w.step, w.share, w.attempt) = ($3, $4::smallint, $5::integer) AND w.entered_at IS NOT NULL
                      THEN w.entered_at ELSE clock_timestamp() END,
    step = $3, share = $4, attempt = $5
WHERE w.migration_id = $1 AND w.name = $2
