-- What is noted of webhooks that are gone: fences, activity, circuits.
WITH fences AS (
    DELETE FROM rule_nats_fences f WHERE NOT EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = f.webhook_id)
), circuits AS (
    DELETE FROM wavegate.circuit c WHERE NOT EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = c.webhook_id)
), closed AS (
    DELETE FROM wavegate.circuit_closed c WHERE NOT EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = c.webhook_id)
)
DELETE FROM wavegate.path_activity a WHERE NOT EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = a.webhook_id)
