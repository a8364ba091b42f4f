-- In which language are the publishing functions written, and which extension owns them?
SELECT f.name::text, l.lanname::text AS language,
       (SELECT e.extname::text FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass
          AND d.deptype = 'e' LIMIT 1) AS extension
FROM unnest(ARRAY['rule_webhook_call_unified', 'rule_webhook_enqueue', 'rule_webhook_publish_nats', 'rule_nats_init',
                  'rule_nats_health_check']) AS f (name)
LEFT JOIN pg_proc p ON p.proname = f.name AND p.pronamespace = to_regnamespace(quote_ident($1))
LEFT JOIN pg_language l ON l.oid = p.prolang
ORDER BY 1
