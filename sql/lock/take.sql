-- This session holds the lock now: who ($1), from where ($2), by which command ($3).
INSERT INTO wavegate.lock AS l (lock_id, who, host, command, backend_pid)
VALUES (nextval('wavegate.lock_number'), $1, $2, $3, pg_backend_pid())
ON CONFLICT (only_one) DO UPDATE
SET lock_id = excluded.lock_id, who = excluded.who, host = excluded.host, command = excluded.command,
    backend_pid = excluded.backend_pid, since = clock_timestamp(), seen_at = clock_timestamp()
RETURNING l.lock_id
