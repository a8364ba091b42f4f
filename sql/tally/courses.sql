-- What is counted of each arm by block of time and by latency? $1 tally.
SELECT webhook_id, prefers, blocks, judged, failed, buckets, events FROM wavegate.tally_course WHERE tally_id = $1
