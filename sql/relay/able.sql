-- This relay can publish from now on, or cannot ($3). $1 class, $2 key that those who can hold shared.
SELECT CASE WHEN $3 THEN pg_try_advisory_lock_shared($1, $2) ELSE pg_advisory_unlock_shared($1, $2) END
