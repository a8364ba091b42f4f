-- End the session $1, so that its lock becomes free.
SELECT pg_terminate_backend($1)
