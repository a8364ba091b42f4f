-- Migration $1 is over, if every wave of it is finished.
UPDATE wavegate.migration m
SET status = 'finished', finished_at = clock_timestamp()
WHERE m.migration_id = $1 AND m.status = 'active'
  AND NOT EXISTS (SELECT FROM wavegate.wave w WHERE w.migration_id = $1 AND w.step <> 'finished'
                  AND EXISTS (SELECT FROM wavegate.member x WHERE x.migration_id = $1 AND x.position = w.position))
