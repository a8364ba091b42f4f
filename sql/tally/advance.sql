-- Tally $1 is counted up to the event $2; the front moves on to $3 once no transaction older than $4 runs.
UPDATE wavegate.tally SET counted_seq = $2, dead_seq = $2, spans_seq = -1, next_seq = $3, next_xid = $4, counted_to = clock_timestamp() WHERE tally_id = $1
