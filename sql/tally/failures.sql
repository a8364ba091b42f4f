-- In which blocks of time did these webhooks' events fail? $1 tally, $2 webhooks.
SELECT webhook_id, block, prefers, failed FROM wavegate.tally_failure
WHERE tally_id = $1 AND webhook_id = ANY ($2)
ORDER BY webhook_id, block, prefers
