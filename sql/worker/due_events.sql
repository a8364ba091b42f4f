-- Which of these events ($1) wait for a claim? Asked only where PostgreSQL refuses a claim, to name what it refuses.
SELECT e.call_id, e.webhook_id, e.event_id
FROM rule_webhook_events e
WHERE e.event_id = ANY ($1) AND e.state IN ('open', 'retrying')
