-- Adds failures to tally $1; then arrays: $2 webhook, $3 block, $4 arm, $5 failed.
INSERT INTO wavegate.tally_failure AS t (tally_id, webhook_id, block, prefers, failed)
SELECT $1, n.webhook_id, n.block, n.prefers, sum(n.failed)
FROM unnest($2::integer[], $3::integer[], $4::text[], $5::bigint[]) AS n (webhook_id, block, prefers, failed)
GROUP BY n.webhook_id, n.block, n.prefers
ON CONFLICT (tally_id, webhook_id, block, prefers) DO UPDATE SET failed = t.failed + excluded.failed
