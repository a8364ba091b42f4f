-- Has migration 007 brought the unified function, with an epoch on each webhook?
SELECT to_regprocedure('rule_webhook_call_unified(integer, jsonb)') IS NOT NULL AND to_regclass('rule_webhook_events') IS NOT NULL
