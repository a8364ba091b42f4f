-- What do the functions say on which routing rests? $1 the engine's schema
SELECT p.oid::regprocedure::text, p.prosrc
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'wavegate' AND p.proname IN ('publish', 'nats_may_deliver', 'bucket', 'new_event_id', 'raise_epoch', 'next_call_id')
   OR n.nspname = $1 AND p.proname IN ('rule_webhook_call_unified', 'rule_webhook_enqueue', 'rule_webhook_publish_nats')
ORDER BY 1
