-- What is counted of each arm of these webhooks? $1 tally, $2 webhooks.
SELECT a.webhook_id, a.prefers, a.delivered, a.dead, a.taken_over, a.two_route, a.ripe, a.compared, a.altered
FROM wavegate.tally_arm a
WHERE a.tally_id = $1 AND a.webhook_id = ANY ($2)
ORDER BY a.webhook_id, a.prefers
