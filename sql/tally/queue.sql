-- How many queue rows of these webhooks came past the unified functions? $1 tally, $2 webhooks.
SELECT webhook_id, unrouted FROM wavegate.tally_queue WHERE tally_id = $1 AND webhook_id = ANY ($2)
