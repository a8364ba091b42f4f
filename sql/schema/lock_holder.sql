-- Who has the right to change the schema?
SELECT a.pid, coalesce(nullif(a.application_name, ''), a.backend_type) AS application, coalesce(a.usename::text, '') AS role,
       ''::text AS relation, l.mode, a.backend_start AS since
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.classid = 7007 AND l.objid = 7 AND l.granted
  AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
