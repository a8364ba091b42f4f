-- Adds to the blocks of tally $1; then arrays: $2 block, $3 arm, $4 judged, $5 failed.
INSERT INTO wavegate.tally_block AS t (tally_id, block, prefers, judged, failed)
SELECT $1, n.block, n.prefers, sum(n.judged), sum(n.failed)
FROM unnest($2::integer[], $3::text[], $4::bigint[], $5::bigint[]) AS n (block, prefers, judged, failed)
GROUP BY n.block, n.prefers
ON CONFLICT (tally_id, block, prefers) DO UPDATE SET judged = t.judged + excluded.judged, failed = t.failed + excluded.failed
