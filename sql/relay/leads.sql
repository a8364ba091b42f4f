-- Is this still the same session, and does it still hold the lock?
SELECT pg_backend_pid(),
       EXISTS (SELECT FROM pg_locks l
               WHERE l.locktype = 'advisory' AND l.granted AND l.pid = pg_backend_pid()
                 AND l.classid = $1::integer::oid AND l.objid = $2::integer::oid AND l.objsubid = 2)
