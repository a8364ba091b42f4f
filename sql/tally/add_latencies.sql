-- Adds to the latencies of tally $1; then arrays: $2 bucket, $3 arm, $4 events.
INSERT INTO wavegate.tally_latency AS t (tally_id, bucket, prefers, events)
SELECT $1, n.bucket, n.prefers, sum(n.events)
FROM unnest($2::smallint[], $3::text[], $4::bigint[]) AS n (bucket, prefers, events)
GROUP BY n.bucket, n.prefers
ON CONFLICT (tally_id, bucket, prefers) DO UPDATE SET events = t.events + excluded.events
