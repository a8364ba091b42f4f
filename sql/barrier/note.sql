-- Which other transactions run in this database right now? Their virtual ids are in pg_locks; the database of such a row
-- is NULL there, so it comes from pg_stat_activity. Replication and vacuum publish nothing. What this role may not see
-- (xact_start, state, backend_type of other roles) is NULL, and such a session counts.
SELECT l.virtualxid AS vxid, a.pid, a.usename::text AS user_name, a.application_name, a.state, a.xact_start AS since,
       a.backend_type IS NULL AS hidden
FROM pg_locks l
JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.granted AND l.mode = 'ExclusiveLock'
  AND a.datname = current_database() AND a.pid <> pg_backend_pid()
  AND coalesce(a.backend_type, '') NOT IN ('walsender', 'autovacuum worker', 'autovacuum launcher')
  AND NOT EXISTS (SELECT FROM pg_stat_progress_vacuum v WHERE v.pid = a.pid)
ORDER BY a.xact_start, a.pid
