-- Which roles may INSERT into the queue, but not call the function that replaces it? $1 the queue table, $2 the engine's schema
SELECT r.rolname::text
FROM pg_roles r
WHERE NOT r.rolsuper AND r.rolname !~ '^pg_'
  AND has_table_privilege(r.oid, to_regclass($1), 'INSERT')
  AND EXISTS (SELECT FROM pg_proc p
              WHERE p.pronamespace = to_regnamespace(quote_ident($2))
                AND p.proname IN ('rule_webhook_enqueue', 'rule_webhook_call_unified')
                AND NOT has_function_privilege(r.oid, p.oid, 'EXECUTE'))
ORDER BY 1
