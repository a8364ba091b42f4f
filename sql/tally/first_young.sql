-- Which is the first event of these webhooks ($1) from number $2 on that was created after $3, and not after $4, now?
-- NULL: none. One that is dated ahead holds nothing up.
SELECT min(e.seq) FROM rule_webhook_events e WHERE e.webhook_id = ANY ($1) AND e.seq >= $2 AND e.created_at > $3 AND e.created_at <= $4
