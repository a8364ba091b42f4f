-- Calls of these webhooks ($1) succeeded: their circuits are closed. When one was open, it is noted.
WITH held AS MATERIALIZED (
    SELECT c.webhook_id, c.open_until FROM wavegate.circuit c WHERE c.webhook_id = ANY ($1::integer[]) ORDER BY c.webhook_id FOR UPDATE
), noted AS (
    INSERT INTO wavegate.circuit_closed AS n (webhook_id, closed_at)
    SELECT h.webhook_id, now() FROM held h WHERE h.open_until IS NOT NULL ORDER BY h.webhook_id
    ON CONFLICT (webhook_id) DO UPDATE SET closed_at = greatest(n.closed_at, excluded.closed_at)
)
DELETE FROM wavegate.circuit c USING held h WHERE c.webhook_id = h.webhook_id
