-- What is counted of each arm by block of time, from span $2 on? $1 tally.
SELECT span, webhook_id, prefers, cells FROM wavegate.tally_span WHERE tally_id = $1 AND span >= $2
