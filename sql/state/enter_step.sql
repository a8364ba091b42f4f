-- Wave $2 of migration $1 enters step $3 with share $4, as attempt $5. Repeated, it keeps the time it entered first, unless $6: anew.
-- And so the newest row of the queue then.
UPDATE wavegate.wave w
SET entered_at = CASE WHEN k.stays THEN w.entered_at ELSE clock_timestamp() END,
    entered_call = CASE WHEN k.stays THEN w.entered_call ELSE (SELECT coalesce(max(q.call_id), 0) FROM wavegate.queue q) END,
    step = $3, share = $4, attempt = $5
FROM (SELECT o.migration_id, o.position,
             NOT $6 AND (o.step, o.share, o.attempt) = ($3, $4::smallint, $5::integer) AND o.entered_at IS NOT NULL AS stays
      FROM wavegate.wave o WHERE o.migration_id = $1 AND o.name = $2) AS k
WHERE (w.migration_id, w.position) = (k.migration_id, k.position)
