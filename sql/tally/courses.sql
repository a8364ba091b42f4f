-- What is counted of each arm by latency? $1 tally.
SELECT webhook_id, prefers, latencies FROM wavegate.tally_course WHERE tally_id = $1
