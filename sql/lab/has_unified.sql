-- Has migration 007 brought the unified function and the ledger?
SELECT to_regprocedure('rule_webhook_call_unified(integer, jsonb)') IS NOT NULL AND to_regclass('rule_webhook_events') IS NOT NULL
