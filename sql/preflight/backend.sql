-- Which backend answers this connection?
SELECT pg_backend_pid()
