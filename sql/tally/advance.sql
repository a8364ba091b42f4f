-- Tally $1 is counted up to $2.
UPDATE wavegate.tally SET counted_to = $2 WHERE tally_id = $1
