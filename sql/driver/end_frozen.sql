-- End the session of a driver that holds the lock $1 and has not said for $2 seconds that it lives: it is frozen.
SELECT pg_terminate_backend(l.backend_pid)
FROM wavegate.lock l
JOIN pg_locks a ON a.pid = l.backend_pid
WHERE l.seen_at < clock_timestamp() - make_interval(secs => $2)
  AND l.command ~ '(^| )run( |$)'
  AND a.locktype = 'advisory' AND a.granted AND a.objsubid = 1
  AND a.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND a.classid::bigint << 32 | a.objid::bigint = $1
