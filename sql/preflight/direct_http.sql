-- Is there a rule_webhook_call_with_http that others than its owner may call, and the extension http that it calls? $1 the engine's schema
SELECT f.oid::regprocedure::text AS function,
       EXISTS (SELECT FROM pg_extension x WHERE x.extname = 'http') AS extension,
       coalesce(EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
                        WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> f.proowner), false) AS callable
FROM (SELECT 1) one
LEFT JOIN LATERAL (SELECT p.oid, p.proacl, p.proowner FROM pg_proc p
                   WHERE p.proname = 'rule_webhook_call_with_http' AND p.pronamespace = to_regnamespace(quote_ident($1))
                   ORDER BY p.oid LIMIT 1) f ON true
