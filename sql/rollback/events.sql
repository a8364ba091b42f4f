-- How many events of these webhooks ($1) are undelivered, how many of them without a queue row, how many held by a NATS
-- worker at $2, and how many not published yet?
SELECT e.webhook_id, count(*) AS events, count(*) FILTER (WHERE NOT e.has_queue_row) AS without_queue_row,
       count(*) FILTER (WHERE e.state = 'claimed' AND e.path = 'nats' AND e.lease_until > $2) AS held,
       count(*) FILTER (WHERE e.published_at IS NULL AND e.void_reason IS NULL) AS unpublished
FROM rule_webhook_events e
WHERE e.webhook_id = ANY ($1) AND NOT e.ended
GROUP BY e.webhook_id
