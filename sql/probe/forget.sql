-- Removes the probe webhook $1, and those older than $2 that a killed preflight left behind, with their payloads.
WITH gone AS (
    DELETE FROM wavegate.webhooks w
    WHERE 'wavegate:probe' = ANY (w.tags) AND (w.webhook_id = $1 OR w.created_at < $2)
    RETURNING w.webhook_id
), outbox AS (
    DELETE FROM rule_nats_outbox o USING gone WHERE o.webhook_id = gone.webhook_id
), unpublished AS (
    DELETE FROM wavegate.unpublished u USING gone WHERE u.partition = gone.webhook_id & 7 AND u.webhook_id = gone.webhook_id
), fences AS (
    DELETE FROM rule_nats_fences f USING gone WHERE f.webhook_id = gone.webhook_id
)
DELETE FROM wavegate.path_activity a USING gone WHERE a.webhook_id = gone.webhook_id
