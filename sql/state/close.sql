-- Migration $1 ends here: finished, or abandoned ($2).
UPDATE wavegate.migration SET status = $2, finished_at = clock_timestamp() WHERE migration_id = $1 AND status = 'active'
