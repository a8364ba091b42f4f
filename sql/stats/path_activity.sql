-- The path $2 has just claimed events of the webhooks $1.
INSERT INTO wavegate.path_activity (webhook_id, path, claimed_at)
SELECT a.webhook_id, $2, now() FROM unnest($1::integer[]) AS a (webhook_id) ORDER BY a.webhook_id
ON CONFLICT (webhook_id, path) DO UPDATE SET claimed_at = greatest(path_activity.claimed_at, excluded.claimed_at)
