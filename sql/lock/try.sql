-- Does this session get the lock $1?
SELECT pg_try_advisory_lock($1)
