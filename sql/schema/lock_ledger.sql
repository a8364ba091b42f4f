-- Nobody writes events while the ledger is looked at for the last time.
LOCK TABLE rule_webhook_events, rule_webhooks IN ACCESS EXCLUSIVE MODE
