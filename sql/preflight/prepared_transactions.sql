-- Which prepared transactions does this database hold? A barrier waits for them too.
SELECT x.gid::text, x.owner::text, extract(epoch FROM clock_timestamp() - x.prepared)::float8 AS seconds
FROM pg_prepared_xacts x
WHERE x.database = current_database()
ORDER BY x.prepared
