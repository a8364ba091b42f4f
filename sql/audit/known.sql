-- Which of these event ids ($1) does PostgreSQL know, and of which webhook?
SELECT e.event_id, e.webhook_id FROM rule_webhook_events e WHERE e.event_id = ANY ($1)
