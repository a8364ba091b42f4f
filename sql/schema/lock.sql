-- Takes the right to change the schema, for the life of this session.
SELECT pg_try_advisory_lock(7007, 7)
