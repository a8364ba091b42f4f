-- What does this server say of itself, and may this role look at other sessions?
SELECT current_setting('server_version_num')::integer AS version_num, current_setting('server_version') AS version,
       pg_is_in_recovery() AS standby, current_user::text AS role,
       pg_has_role(current_user, 'pg_read_all_stats', 'MEMBER')
           OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS reads_stats,
       pg_database_size(current_database()) AS database_bytes,
       (SELECT string_agg(e.extname || ' ' || e.extversion, ', ')
        FROM pg_extension e
        WHERE EXISTS (SELECT FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
                      WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.classid = 'pg_proc'::regclass
                        AND p.proname LIKE 'rule\_%')) AS engine_extension
