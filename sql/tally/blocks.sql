-- What is counted in each block of time? $1 tally.
SELECT block, prefers, judged, failed FROM wavegate.tally_block WHERE tally_id = $1 ORDER BY block, prefers
