-- NATS may deliver these webhooks ($1) again.
DELETE FROM rule_nats_fences WHERE webhook_id = ANY ($1) RETURNING webhook_id
