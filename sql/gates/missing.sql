-- Which two-route events of the step are not published, not seen, or without an end, though due before the horizon? Of what the
-- tally $1 left open, and of what was created from $3 to $5 (now). $2 enabled webhooks, $4 horizon: now - parity horizon, $6 how many
SELECT e.event_id, e.webhook_id,
       CASE WHEN e.void_reason IS NOT NULL THEN 'void'
            WHEN e.published_at IS NULL THEN 'unpublished'
            WHEN e.nats_seen_at IS NULL THEN 'unseen'
            ELSE 'undelivered' END AS what
FROM (
    SELECT o.event_id FROM wavegate.tally_open o WHERE o.tally_id = $1
    UNION ALL
    SELECT n.event_id FROM rule_webhook_events n WHERE n.webhook_id = ANY ($2) AND n.created_at >= $3 AND n.created_at <= $5
) c
JOIN rule_webhook_events e ON e.event_id = c.event_id
WHERE e.webhook_id = ANY ($2) AND e.due_at <= $4
  AND (e.two_route AND (e.published_at IS NULL OR e.nats_seen_at IS NULL) AND e.void_reason IS DISTINCT FROM 'fenced' OR NOT e.ended)
ORDER BY e.seq
LIMIT $6
