-- Which of these webhooks ($1) are fenced?
SELECT webhook_id FROM rule_nats_fences WHERE webhook_id = ANY ($1) ORDER BY webhook_id
