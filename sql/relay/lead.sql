-- May this session lead the relays of config $2? A session lock: it goes with the connection. $1 is wavegate's class.
SELECT pg_try_advisory_lock($1, $2), pg_backend_pid()
