-- One call as today's callers make it, noted in the same transaction.
INSERT INTO lab.emitted (webhook_id, call_id) VALUES ($1, rule_webhook_enqueue($1, $2, 'lab')) RETURNING call_id
