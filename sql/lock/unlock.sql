-- Free the lock $1 of this session.
SELECT pg_advisory_unlock($1)
