-- Nobody writes events while the ledger is looked at for the last time.
LOCK TABLE {schema}.rule_webhook_events, {schema}.rule_webhooks IN ACCESS EXCLUSIVE MODE
