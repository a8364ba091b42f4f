-- Which layout of the rule engine does this database hold, and in which schema?
-- $1: the schemas of the role's own search path. The first of them that has the table; without one, every schema that has it.
SELECT n.nspname::text,
       current_database()::text,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'url' AND NOT a.attisdropped),
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'webhook_url' AND NOT a.attisdropped),
       EXISTS (SELECT FROM pg_class q JOIN pg_attribute a ON a.attrelid = q.oid AND a.attname = 'call_id'
               WHERE q.relnamespace = n.oid AND q.relname = 'rule_webhook_calls' AND q.relkind IN ('r', 'p')),
       EXISTS (SELECT FROM pg_class q JOIN pg_attribute a ON a.attrelid = q.oid AND a.attname = 'queue_id'
               WHERE q.relnamespace = n.oid AND q.relname = 'rule_webhook_queue' AND q.relkind IN ('r', 'p'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = 'rule_webhooks' AND c.relkind IN ('r', 'p') AND n.nspname = (
          SELECT coalesce((array_agg(o.nspname ORDER BY array_position($1::text[], o.nspname::text)))[1], n.nspname)
          FROM pg_class t JOIN pg_namespace o ON o.oid = t.relnamespace
          WHERE t.relname = 'rule_webhooks' AND t.relkind IN ('r', 'p') AND o.nspname = ANY ($1::text[]))
ORDER BY 1
