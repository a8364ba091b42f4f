-- These arms of tally $1 are counted so far; then arrays: $2 webhook, $3 arm, $4 latencies.
INSERT INTO wavegate.tally_course (tally_id, webhook_id, prefers, blocks, judged, failed, buckets, events, latencies)
SELECT $1, n.webhook_id, n.prefers, '{}', '{}', '{}', '{}', '{}', n.latencies
FROM unnest($2::integer[], $3::text[], $4::bytea[]) AS n (webhook_id, prefers, latencies)
ON CONFLICT (tally_id, webhook_id, prefers) DO UPDATE SET latencies = excluded.latencies
