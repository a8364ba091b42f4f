-- From now on NATS delivers no event of these webhooks ($1); $2 is the reason. Fences that stand stay as they are.
INSERT INTO rule_nats_fences (webhook_id, reason)
SELECT id, $2 FROM unnest($1::integer[]) AS id ORDER BY id
ON CONFLICT (webhook_id) DO NOTHING
RETURNING webhook_id
