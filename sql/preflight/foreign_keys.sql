-- Which tables but the engine's own history refer to queue rows? $1 the queue table, qualified
SELECT c.conrelid::regclass::text || ' (' || c.conname || ')'
FROM pg_constraint c
JOIN pg_class r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND c.confrelid = to_regclass($1) AND r.relname <> 'rule_webhook_call_history'
ORDER BY 1
