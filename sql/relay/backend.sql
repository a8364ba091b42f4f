-- Which backend serves this statement?
SELECT pg_backend_pid()
