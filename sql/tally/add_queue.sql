-- Adds queue rows to tally $1, which is counted up to $2 then; arrays: $3 webhook, $4 unrouted.
WITH advanced AS (
    UPDATE wavegate.tally SET queue_counted_to = $2 WHERE tally_id = $1
)
INSERT INTO wavegate.tally_queue AS t (tally_id, webhook_id, unrouted)
SELECT $1, n.* FROM unnest($3::integer[], $4::bigint[]) AS n (webhook_id, unrouted)
ON CONFLICT (tally_id, webhook_id) DO UPDATE SET unrouted = t.unrouted + excluded.unrouted
