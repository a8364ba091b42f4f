-- This relay lives ($1 class, $2 key). A session that falls silent (its process stopped) is ended by the server from PostgreSQL 14 on,
-- and its partitions are free; a lost machine is noticed by the keep-alive packets of every session of ours.
SELECT pg_try_advisory_lock_shared($1, $2), pg_backend_pid(),
       (SELECT count(set_config(s.name, v.value, false))
        FROM (VALUES ('idle_session_timeout', '15s')) AS v (name, value)
        JOIN pg_settings s USING (name))
