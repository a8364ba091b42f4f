-- Which events of these webhooks ($1) may NATS deliver, whose copies came while their host had no room? $2 of each at most, $3 in all.
SELECT e.event_id, e.webhook_id, e.publish_count AS copy
FROM wavegate.webhooks w
CROSS JOIN LATERAL (
    SELECT e.event_id, e.webhook_id, e.publish_count
    FROM rule_webhook_events e
    LEFT JOIN wavegate.path_activity p ON p.webhook_id = e.webhook_id AND p.path = 'queue'
    WHERE e.webhook_id = w.webhook_id AND NOT e.ended AND e.state IN ('open', 'retrying') AND e.due_at <= now()
      AND e.publish_count > 0 AND e.seen_count >= e.publish_count
      AND wavegate.nats_may_deliver(e.has_queue_row, e.prefers, w.nats_share, e.due_at,
                                   greatest(p.claimed_at, (SELECT max(o.until) FROM wavegate.outage o WHERE o.webhook_id = w.webhook_id)),
                                   w.nats_takeover_after_ms, now())
    ORDER BY e.has_queue_row, e.due_at
    LIMIT $2
) e
WHERE w.webhook_id = ANY ($1::integer[]) AND coalesce(w.enabled, true)
  AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id)
  AND NOT EXISTS (SELECT FROM wavegate.circuit c WHERE c.webhook_id = w.webhook_id AND c.open_until IS NOT NULL)
LIMIT $3
