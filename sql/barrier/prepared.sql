-- Which prepared transactions does this database hold?
SELECT gid, owner::text AS user_name, prepared AS since FROM pg_prepared_xacts WHERE database = current_database() ORDER BY gid
