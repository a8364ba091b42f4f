-- Which events would the NATS claim accept now, whose last copy cannot come any more? They are published again.
-- $1 first and $2 last sequence of the stream, $3 acknowledged up to, $4 when the stream was made, $5 ms before a further copy
-- (doubling with each, up to ten minutes), $6 at most, $7 config, $8 whether events without config belong to it,
-- $9 partitions.
SELECT e.seq, e.event_id, e.webhook_id, e.publish_count + 1 AS copy, o.subject, o.payload::text AS payload, now() AS read_at
FROM rule_webhook_events e
JOIN rule_nats_outbox o ON o.event_id = e.event_id
JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
LEFT JOIN wavegate.path_activity p ON p.webhook_id = e.webhook_id AND p.path = 'queue'
LEFT JOIN wavegate.circuit c ON c.webhook_id = e.webhook_id AND c.open_until IS NOT NULL
WHERE e.published_at IS NOT NULL AND e.void_reason IS NULL
  AND NOT e.ended AND (e.state <> 'claimed' OR e.lease_until < now())
  AND e.due_at <= now()
  -- An open circuit's events rest; one that lets a single attempt through gets its first event.
  AND (c.webhook_id IS NULL
       OR c.open_until <= now()
          AND e.event_id = (SELECT f.event_id FROM rule_webhook_events f
                            WHERE f.webhook_id = e.webhook_id AND NOT f.ended
                            ORDER BY f.due_at LIMIT 1))
  AND (e.published_at < e.due_at
       OR e.published_at < now() - least($5::float8 * 2 ^ CASE WHEN c.webhook_id IS NULL THEN least(e.publish_count - 1, 20) ELSE 0 END,
                                         600000) * interval '1 ms')
  AND (e.seen_count >= e.publish_count OR e.stream_seq IS NULL OR e.stream_seq <= $3 OR e.stream_seq < $1 OR e.stream_seq > $2
       OR e.published_at < $4)
  AND (o.config_id = $7 OR $8 AND o.config_id IS NULL)
  AND e.webhook_id & 7 = ANY ($9::integer[])
  AND coalesce(w.enabled, true)
  AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = e.webhook_id)
  AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id)
  AND wavegate.nats_may_deliver(e.has_queue_row, e.prefers, w.nats_share, e.due_at, p.claimed_at, w.nats_takeover_after_ms, now())
  AND (NOT e.has_queue_row
       OR EXISTS (SELECT FROM wavegate.queue q
                  WHERE q.call_id = e.call_id AND q.event_id = e.event_id
                    AND (q.status IN ('pending', 'retrying')
                         OR q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.lease_until < now() AND q.started_at <= q.lease_until)))
ORDER BY e.due_at
LIMIT $6
