-- Who holds locks on the relations $2 of schema $1 or of ours, oldest transaction first?
SELECT DISTINCT ON (a.xact_start, a.pid) a.pid, coalesce(nullif(a.application_name, ''), a.backend_type) AS application,
       coalesce(a.usename::text, '') AS role, c.relname::text AS relation, l.mode,
       a.xact_start AS since
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  AND l.granted AND l.pid <> pg_backend_pid() AND (n.nspname = 'wavegate' OR n.nspname = $1 AND c.relname = ANY ($2))
ORDER BY a.xact_start, a.pid, l.mode
LIMIT 5
