-- Which two-route events of the step are not published, not seen, or without an end, though due before the horizon? Of what the
-- tally $1 left open, of its dead that were requeued, and of what was created since $3 and numbered from $4 on. $2 enabled webhooks, $5 horizon: now - parity horizon,
-- $6 how many, $7 now
SELECT e.event_id, e.webhook_id,
       CASE WHEN e.void_reason IS NOT NULL THEN 'void'
            WHEN e.published_at IS NULL THEN 'unpublished'
            WHEN e.nats_seen_at IS NULL THEN 'unseen'
            ELSE 'undelivered' END AS what,
       CASE WHEN isfinite(e.due_at) THEN floor(extract(epoch FROM $7 - e.due_at))::bigint ELSE 0 END AS late_s
FROM (
    SELECT o.event_id FROM wavegate.tally_open o WHERE o.tally_id = $1
    UNION ALL
    SELECT d.event_id
    FROM rule_webhook_events n JOIN wavegate.tally_dead d ON d.event_id = n.event_id AND d.tally_id = $1
    WHERE n.requeued
    UNION ALL
    SELECT n.event_id FROM rule_webhook_events n WHERE n.webhook_id = ANY ($2) AND n.created_at >= $3 AND n.seq >= $4
) c
JOIN rule_webhook_events e ON e.event_id = c.event_id
WHERE e.webhook_id = ANY ($2) AND e.due_at <= $5
  AND (e.two_route AND (e.published_at IS NULL OR e.nats_seen_at IS NULL) AND e.void_reason IS DISTINCT FROM 'fenced' OR NOT e.ended)
ORDER BY e.due_at, e.seq
LIMIT $6
