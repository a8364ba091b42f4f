-- Which functions but ours INSERT into the queue table themselves? $1 the engine's schema, $2 the queue table
SELECT p.oid::regprocedure::text
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'wavegate')
  AND NOT (n.nspname = $1 AND p.proname = 'rule_webhook_enqueue')
  -- The engine's own, which without the extension http fails before its row is there for anybody.
  AND NOT (n.nspname = $1 AND p.proname = 'rule_webhook_call_with_http' AND NOT EXISTS (SELECT FROM pg_extension x WHERE x.extname = 'http'))
  -- What an extension owns cannot be dropped; closed to others it is as good as gone.
  AND NOT (EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
           AND NOT EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                           WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner))
  AND pg_get_functiondef(p.oid) ~* ('insert\s+into\s+(only\s+)?("?\w+"?\s*\.\s*)?"?(' || $2 || '|rule_webhook_queue)"?\M')
ORDER BY 1
