-- What do the closed blocks of tally $1 come to, and what does that rest on?
SELECT border, basis, rates, pooled, for_pass, for_fail FROM wavegate.tally_closed WHERE tally_id = $1
