-- Whom does the backend $1 wait for, and how far has its index come?
SELECT a.pid, coalesce(nullif(a.application_name, ''), a.backend_type) AS application, coalesce(a.usename::text, '') AS role,
       coalesce((SELECT p.relid::regclass::text FROM pg_stat_progress_create_index p WHERE p.pid = $1), '') AS relation,
       coalesce((SELECT p.phase FROM pg_stat_progress_create_index p WHERE p.pid = $1), '') AS mode,
       a.xact_start AS since
FROM pg_stat_activity a
WHERE a.pid = ANY (pg_blocking_pids($1))
ORDER BY a.xact_start, a.pid
