-- How many events took how long? $1 tally.
SELECT bucket, prefers, events FROM wavegate.tally_latency WHERE tally_id = $1 ORDER BY bucket, prefers
