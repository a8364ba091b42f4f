-- Which session holds the lock $1, and what did it write about itself?
SELECT a.pid, l.who, l.host, l.command, l.since
FROM pg_locks a
LEFT JOIN wavegate.lock l ON l.backend_pid = a.pid
WHERE a.locktype = 'advisory' AND a.granted AND a.objsubid = 1
  AND a.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND a.classid::bigint << 32 | a.objid::bigint = $1
