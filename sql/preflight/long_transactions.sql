-- Which transactions of this database are older than $1 seconds? A barrier waits for each of them.
SELECT a.pid, coalesce(a.usename::text, '?') AS usename, coalesce(a.application_name, '') AS application,
       coalesce(a.state, '?') AS state, extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
  AND a.xact_start < clock_timestamp() - $1 * interval '1 s'
ORDER BY a.xact_start
LIMIT 5
