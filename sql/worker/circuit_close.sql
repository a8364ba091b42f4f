-- Calls of these webhooks ($1) succeeded: their circuits are closed.
WITH held AS MATERIALIZED (
    SELECT c.webhook_id FROM wavegate.circuit c WHERE c.webhook_id = ANY ($1::integer[]) ORDER BY c.webhook_id FOR UPDATE
)
DELETE FROM wavegate.circuit c USING held h WHERE c.webhook_id = h.webhook_id
