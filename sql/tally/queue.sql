-- How many queue rows of these webhooks are counted? $1 tally, $2 webhooks.
SELECT webhook_id, born, unrouted FROM wavegate.tally_queue WHERE tally_id = $1 AND webhook_id = ANY ($2)
