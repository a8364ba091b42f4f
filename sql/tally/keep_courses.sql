-- These arms of tally $1 are counted so far; then arrays: $2 webhook, $3 arm, and as text $4 buckets, $5 events. Blocks
-- are kept by spans.
INSERT INTO wavegate.tally_course (tally_id, webhook_id, prefers, blocks, judged, failed, buckets, events)
SELECT $1, n.webhook_id, n.prefers, '{}', '{}', '{}', n.buckets::smallint[], n.events::bigint[]
FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[]) AS n (webhook_id, prefers, buckets, events)
ON CONFLICT (tally_id, webhook_id, prefers) DO UPDATE SET buckets = excluded.buckets, events = excluded.events
