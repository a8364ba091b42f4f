-- Is migration 007 in place, as far as the data plane needs it, and does it name its version?
SELECT to_regclass('wavegate.schema_version') IS NOT NULL AS versioned,
       to_regclass('wavegate.rule_webhook_events') IS NOT NULL AND to_regclass('wavegate.rule_nats_outbox') IS NOT NULL
       AND to_regclass('wavegate.rule_nats_fences') IS NOT NULL AND to_regclass('wavegate.queue') IS NOT NULL
       AND to_regclass('wavegate.worker') IS NOT NULL AND to_regclass('wavegate.held') IS NOT NULL
       AND to_regproc('wavegate.nats_may_deliver') IS NOT NULL AS complete
