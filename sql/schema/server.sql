-- What does preflight need to know of server, role and tables? $1: the engine's schema, $2: the queue's table,
-- $3: the functions that are replaced where they exist, $4 and $5: the columns of webhooks and queue that are read.
SELECT current_setting('server_version_num')::integer AS version_num,
       current_setting('server_version') AS version,
       current_user::text AS role,
       pg_is_in_recovery() AS standby,
       current_setting('default_transaction_read_only')::boolean AS read_only,
       has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
       has_schema_privilege($1, 'CREATE') AS may_create_tables,
       coalesce((SELECT string_agg(format('%s (owner %s)', o.name, pg_get_userbyid(o.owner)), ', ' ORDER BY o.name)
                 FROM (SELECT c.relname::text, c.relowner FROM pg_class c
                       WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relkind IN ('r', 'p') AND c.relname IN (
                           'rule_webhooks', $2, 'rule_nats_config', 'rule_nats_streams', 'rule_nats_publish_history', 'rule_nats_consumer_stats')
                       UNION ALL
                       SELECT p.proname || '()', coalesce(x.extowner, p.proowner) FROM pg_proc p
                       LEFT JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
                       LEFT JOIN pg_extension x ON x.oid = d.refobjid
                       WHERE p.pronamespace = to_regnamespace(quote_ident($1)) AND p.proname = ANY ($3)) o (name, owner)
                 WHERE NOT pg_has_role(o.owner, 'USAGE')), '') AS not_ours,
       coalesce((SELECT string_agg(w.relation || '.' || w.name, ', ')
                 FROM (SELECT 'rule_webhooks', unnest($4::text[]) UNION ALL SELECT $2, unnest($5::text[])) w (relation, name)
                 WHERE NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                                   WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = w.relation
                                     AND a.attname = w.name AND a.attnum > 0 AND NOT a.attisdropped)), '') AS lacking,
       coalesce((SELECT c.relkind = 'p' FROM pg_class c
                 WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = $2), false) AS partitioned,
       coalesce((SELECT sum(CASE c.relname WHEN $2 THEN 50 ELSE 120 END * greatest(c.reltuples, 0))
                 FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident($1))
                   AND c.relname IN ($2, 'rule_nats_publish_history')), 0)::bigint AS index_bytes,
       pg_database_size(current_database()) AS database_bytes,
       coalesce(extract(epoch FROM clock_timestamp() - oldest.xact_start)::float8, 0) AS oldest_s,
       coalesce(oldest.pid, 0) AS oldest_pid,
       coalesce(oldest.application, '') AS oldest_application,
       (SELECT count(*) FROM pg_prepared_xacts x WHERE x.database = current_database()) AS prepared
FROM (SELECT 1) one
LEFT JOIN LATERAL (
    SELECT a.pid, a.xact_start, coalesce(nullif(a.application_name, ''), a.backend_type) AS application
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL
    ORDER BY a.xact_start LIMIT 1
) oldest ON true
