-- Which layout of the rule engine does this database hold, and in which schema?
-- The schema that search_path finds first; without it, every schema that has the table.
SELECT n.nspname::text,
       current_database()::text,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'url' AND NOT a.attisdropped),
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'webhook_url' AND NOT a.attisdropped),
       EXISTS (SELECT FROM pg_class q JOIN pg_attribute a ON a.attrelid = q.oid AND a.attname = 'call_id'
               WHERE q.relnamespace = n.oid AND q.relname = 'rule_webhook_calls' AND q.relkind IN ('r', 'p')),
       EXISTS (SELECT FROM pg_class q JOIN pg_attribute a ON a.attrelid = q.oid AND a.attname = 'queue_id'
               WHERE q.relnamespace = n.oid AND q.relname = 'rule_webhook_queue' AND q.relkind IN ('r', 'p'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = 'rule_webhooks' AND c.relkind IN ('r', 'p')
  AND (c.oid = to_regclass('rule_webhooks') OR to_regclass('rule_webhooks') IS NULL)
ORDER BY 1
