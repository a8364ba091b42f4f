-- These arms of tally $1 are counted so far; then arrays: $2 webhook, $3 arm, and as text $4 blocks, $5 judged, $6
-- failed, $7 buckets, $8 events.
INSERT INTO wavegate.tally_course (tally_id, webhook_id, prefers, blocks, judged, failed, buckets, events)
SELECT $1, n.webhook_id, n.prefers, n.blocks::integer[], n.judged::bigint[], n.failed::bigint[], n.buckets::smallint[], n.events::bigint[]
FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
     AS n (webhook_id, prefers, blocks, judged, failed, buckets, events)
ON CONFLICT (tally_id, webhook_id, prefers) DO UPDATE
SET blocks = excluded.blocks, judged = excluded.judged, failed = excluded.failed, buckets = excluded.buckets, events = excluded.events
