-- Which is the oldest transaction that runs and has written, beside this one? The next one, if there is none. What
-- belongs to another database cannot have written here; as far as this role may see whose it is.
SELECT coalesce((SELECT min(x)
                 FROM txid_snapshot_xip(s) x
                 WHERE NOT EXISTS (SELECT FROM pg_stat_get_activity(NULL) a
                                   WHERE a.backend_xid::text::bigint = x & 4294967295
                                     AND a.datid <> (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
                   AND NOT EXISTS (SELECT FROM pg_prepared_xacts p
                                   WHERE p.transaction::text::bigint = x & 4294967295 AND p.database <> current_database())),
                txid_snapshot_xmax(s))
FROM txid_current_snapshot() s
