-- Which functions but ours INSERT into the queue table themselves? $1 the engine's schema, $2 the queue table
SELECT p.oid::regprocedure::text
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'wavegate')
  AND NOT (n.nspname = $1 AND p.proname = 'rule_webhook_enqueue')
  AND pg_get_functiondef(p.oid) ~* ('insert\s+into\s+(only\s+)?("?\w+"?\s*\.\s*)?"?(' || $2 || '|rule_webhook_queue)"?\M')
ORDER BY 1
