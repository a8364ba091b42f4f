-- Is a guard in place before webhooks are deleted, with which queue rows would go?
-- $1 the queue table, $2 the webhooks table, both qualified
SELECT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = c.oid
               AND k.confrelid = to_regclass($2) AND k.confdeltype = 'c') AS cascades,
       EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = to_regclass($2) AND t.tgname = 'wavegate_guard'
               AND t.tgenabled IN ('O', 'A')) AS guarded
FROM pg_class c
WHERE c.oid = to_regclass($1)
