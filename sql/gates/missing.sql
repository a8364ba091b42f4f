-- Which two-route events of the step are not published, not seen, or without an end, though due before the horizon?
-- $1 webhooks, $2 start of the step, $3 horizon: now - parity horizon, $4 now, $5 how many
SELECT e.event_id, e.webhook_id,
       CASE WHEN e.void_reason IS NOT NULL THEN 'void'
            WHEN e.published_at IS NULL THEN 'unpublished'
            WHEN e.nats_seen_at IS NULL THEN 'unseen'
            ELSE 'undelivered' END AS what
FROM rule_webhook_events e
WHERE e.webhook_id = ANY($1) AND e.created_at >= $2 AND e.created_at <= $4 AND e.due_at <= $3
  AND (e.two_route AND (e.published_at IS NULL OR e.nats_seen_at IS NULL) AND e.void_reason IS DISTINCT FROM 'fenced' OR e.state NOT IN ('delivered', 'dead'))
ORDER BY e.seq
LIMIT $5
