-- Of the events of these webhooks' ($1) present epochs: how many have both routes, how many NATS alone, and how many that
-- are undelivered lack the queue row or the payload that they should have?
SELECT count(*) FILTER (WHERE e.two_route) AS both_routes,
       count(*) FILTER (WHERE NOT e.two_route) AS nats_alone,
       count(*) FILTER (WHERE NOT e.ended AND (
           e.two_route AND NOT e.has_queue_row
           OR NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id))) AS broken
FROM wavegate.webhooks w
JOIN rule_webhook_events e ON e.webhook_id = w.webhook_id AND e.epoch = w.mode_epoch
WHERE w.webhook_id = ANY ($1)
