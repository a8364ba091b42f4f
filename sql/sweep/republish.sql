-- Which events would the NATS claim accept now, whose last copy cannot come any more? They are published again.
-- $1 first and $2 last sequence of the stream, $3 acknowledged up to, $4 when the stream was made, $5 ms before a further copy
-- (doubling with each, up to ten minutes), $6 at most, $7 config, $8 whether events without config belong to it,
-- $9 partitions. Payloads are read when they are sent.
-- Runs along the indexes (in_order.sql), however few events the planner expects: else it reads a whole table for each webhook, or each event.
WITH route AS MATERIALIZED (
    -- What holds for all events of a webhook is asked once. An open circuit's events rest.
    SELECT w.webhook_id, w.nats_share, w.nats_takeover_after_ms, z.closed_at, c.webhook_id IS NOT NULL AS half_open,
           greatest(p.claimed_at, (SELECT max(o.until) FROM wavegate.outage o WHERE o.webhook_id = w.webhook_id)) AS lately,
           -- A circuit that lets a single attempt through gets its webhook's first event.
           CASE WHEN c.webhook_id IS NOT NULL
                THEN (SELECT e.event_id FROM rule_webhook_events e
                      WHERE e.webhook_id = w.webhook_id AND NOT e.ended
                      ORDER BY e.due_at LIMIT 1) END AS first_event
    FROM wavegate.webhooks w
    LEFT JOIN wavegate.path_activity p ON p.webhook_id = w.webhook_id AND p.path = 'queue'
    LEFT JOIN wavegate.circuit c ON c.webhook_id = w.webhook_id AND c.open_until IS NOT NULL
    LEFT JOIN wavegate.circuit_closed z ON z.webhook_id = w.webhook_id
    WHERE coalesce(w.enabled, true) AND w.webhook_id & 7 = ANY ($9::integer[])
      AND (c.webhook_id IS NULL OR c.open_until <= now())
      AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id)
), lost AS (
    SELECT u.*
    FROM route r
    CROSS JOIN LATERAL (
        SELECT e.seq, e.event_id, e.webhook_id, e.call_id, e.has_queue_row, e.publish_count
        FROM rule_webhook_events e
        WHERE e.webhook_id = r.webhook_id AND NOT e.ended
          AND e.published_at IS NOT NULL AND e.void_reason IS NULL
          AND e.state <> 'stuck' AND (e.state <> 'claimed' OR e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now()))
          AND e.due_at <= now()
          -- Whose copy was given back while the circuit was open need not wait: the time of takeover runs again.
          AND (e.published_at < e.due_at OR e.published_at < r.closed_at
               OR e.published_at < now() - least($5::float8 * 2 ^ CASE WHEN r.half_open THEN 0 ELSE least(e.publish_count - 1, 20) END,
                                                 600000) * interval '1 ms')
          AND (e.seen_count >= e.publish_count OR e.stream_seq IS NULL OR e.stream_seq <= $3 OR e.stream_seq < $1 OR e.stream_seq > $2
               OR e.published_at < $4)
          AND wavegate.nats_may_deliver(e.has_queue_row, e.prefers, r.nats_share, e.due_at, r.lately, r.nats_takeover_after_ms, now())
          AND (NOT r.half_open OR e.event_id = r.first_event)
        -- One scan of an index for each webhook.
        OFFSET 0
    ) AS u
)
SELECT l.seq, l.event_id, l.webhook_id, l.publish_count + 1 AS copy, o.subject, '' AS payload, now() AS read_at
FROM lost l
-- Looked up for each lost event, never the other way round: the outbox empties and fills within seconds, and by what the planner
-- remembers of it, it may seem empty. Then it would look for lost events anew for each row of the outbox.
CROSS JOIN LATERAL (
    SELECT o.subject
    FROM rule_nats_outbox o
    WHERE o.event_id = l.event_id AND (o.config_id = $7 OR $8 AND o.config_id IS NULL)
    OFFSET 0
) AS o
WHERE NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = l.event_id OFFSET 0)
  AND (NOT l.has_queue_row
       OR EXISTS (SELECT FROM wavegate.queue q
                  WHERE q.call_id = l.call_id AND q.event_id = l.event_id
                    AND (q.status IN ('pending', 'retrying')
                         OR q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.lease_until < now() AND q.started_at <= q.lease_until)))
LIMIT $6
