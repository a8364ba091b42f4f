-- What do the closed blocks of each webhook come to? $1 tally.
SELECT webhook_id, course FROM wavegate.tally_closed_course WHERE tally_id = $1
