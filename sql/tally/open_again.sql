-- Of tally $1 no block is closed.
DELETE FROM wavegate.tally_closed WHERE tally_id = $1
