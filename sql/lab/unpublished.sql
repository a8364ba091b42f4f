-- How many events wait for the relay.
SELECT count(*) FROM rule_webhook_events WHERE published_at IS NULL AND void_reason IS NULL AND state IN ('open', 'claimed', 'retrying')
