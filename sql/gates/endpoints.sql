-- Which endpoints of these webhooks fail for everybody now, and how did each arm fare there lately? Those with an open circuit that
-- was heard from since $4: one that nobody tries any more tells nothing. $1 webhooks, $2 start of the recent window, $3 now
SELECT c.webhook_id, c.last_error AS error,
       coalesce(n.nats_events, 0) AS nats_events, coalesce(n.nats_failures, 0) AS nats_failures,
       coalesce(n.queue_events, 0) AS queue_events, coalesce(n.queue_failures, 0) AS queue_failures
FROM wavegate.circuit c
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE f.prefers = 'nats') AS nats_events,
           (sum(f.failures) FILTER (WHERE f.prefers = 'nats'))::bigint AS nats_failures,
           count(*) FILTER (WHERE f.prefers = 'queue') AS queue_events,
           (sum(f.failures) FILTER (WHERE f.prefers = 'queue'))::bigint AS queue_failures
    FROM (
        SELECT e.prefers, greatest(e.attempt - CASE WHEN e.state IN ('delivered', 'claimed') THEN 1 ELSE 0 END, 0)
                          + CASE WHEN e.state = 'delivered' AND e.path IS DISTINCT FROM e.prefers THEN 1 ELSE 0 END AS failures
        FROM rule_webhook_events e
        WHERE e.webhook_id = c.webhook_id AND e.created_at >= $2 AND e.created_at <= $3
    ) f
) n
WHERE c.webhook_id = ANY ($1) AND c.open_until IS NOT NULL AND c.failed_at >= $4
ORDER BY c.webhook_id
