-- How many events NATS should deliver and has not.
SELECT count(*) FROM rule_webhook_events WHERE prefers = 'nats' AND NOT ended
