-- Up to when is everything that was created committed or gone? The start of the oldest transaction of others; NULL where that
-- cannot be told: prepared transactions, or sessions that we may not see. A row is never older than its transaction.
-- What pg_stat_activity reads, without the names that it looks up for each session.
SELECT CASE WHEN NOT EXISTS (SELECT FROM pg_prepared_xacts p WHERE p.database = current_database())
                 AND count(*) FILTER (WHERE a.query = '<insufficient privilege>') = 0
            THEN coalesce(min(a.xact_start), clock_timestamp()) END
FROM pg_stat_get_activity(NULL) a
WHERE a.datid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AND a.pid <> pg_backend_pid()
