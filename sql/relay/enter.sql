-- This relay lives ($1 class, $2 key). A session that falls silent (its machine lost, its process stopped) is ended by the
-- server, and its partitions are free: by keep-alive packets, and from PostgreSQL 14 on by its silence.
SELECT pg_try_advisory_lock_shared($1, $2), pg_backend_pid(),
       (SELECT count(set_config(s.name, v.value, false))
        FROM (VALUES ('tcp_keepalives_idle', '5'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'),
                     ('idle_session_timeout', '15s')) AS v (name, value)
        JOIN pg_settings s USING (name))
