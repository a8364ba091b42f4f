-- One call by the unified function, noted in the same transaction.
INSERT INTO lab.emitted (webhook_id, event_id) VALUES ($1, rule_webhook_call_unified($1, $2) ->> 'event_id') RETURNING event_id
