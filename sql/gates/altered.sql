-- Which events of these webhooks ($1), created since $2, were sent with other bytes than they were born with? $3 at
-- most.
SELECT e.event_id
FROM rule_webhook_events e
WHERE e.webhook_id = ANY ($1) AND e.created_at >= $2 AND e.payload_digest <> e.sent_digest
ORDER BY e.seq
LIMIT $3
