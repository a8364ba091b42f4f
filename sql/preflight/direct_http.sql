-- Does rule_webhook_call_with_http exist, and the extension it calls?
SELECT EXISTS (SELECT FROM pg_proc WHERE proname = 'rule_webhook_call_with_http') AS function,
       EXISTS (SELECT FROM pg_extension WHERE extname = 'http') AS extension
