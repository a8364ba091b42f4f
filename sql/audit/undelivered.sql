-- Where are the undelivered events of the ledger? $1 webhooks (NULL: all), $2 from, $3 to (NULL: open), $4 how many to name
-- of those that are nowhere. The claims decide who may deliver; here an event is nowhere when no claim could ever take it.
WITH said AS MATERIALIZED (
    -- What other people did to its queue row, not yet taken over by the relay.
    SELECT r.event_id,
           (array_agg(r.status ORDER BY r.id DESC) FILTER (WHERE r.status IN ('success', 'failed', 'requeued')))[1] AS status,
           bool_or(r.status = 'deleted') AS row_gone
    FROM wavegate.foreign_results r
    WHERE r.event_id IS NOT NULL
    GROUP BY r.event_id
), fact AS MATERIALIZED (
    SELECT e.event_id, e.webhook_id, e.call_id, e.created_at, e.state, e.lease_until, e.published_at, e.void_reason, e.has_queue_row,
           coalesce(w.enabled, true) AS enabled,
           EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id) AS in_outbox,
           q.call_id IS NOT NULL AS in_queue, q.status AS row_status,
           -- A worker of ours, or somebody else's, may take this row now or later.
           q.status = 'pending' AND q.scheduled_at IS NOT NULL
               OR q.status = 'retrying' AND coalesce(q.next_retry_at, q.scheduled_at) IS NOT NULL
               OR q.status = 'processing' AND (q.claimed_by IS NULL OR q.lease_until IS NOT NULL) AS row_waits,
           s.status AS said,
           EXISTS (SELECT FROM wavegate.held k WHERE k.call_id = e.call_id AND k.until >= now()) AS held,
           e.state = 'stuck' OR EXISTS (SELECT FROM wavegate.stuck x WHERE x.call_id = e.call_id) AS stuck,
           coalesce(s.row_gone, false) OR EXISTS (SELECT FROM wavegate.foreign_results t WHERE t.status = 'truncated') AS row_gone
    FROM rule_webhook_events e
    LEFT JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
    LEFT JOIN wavegate.queue q ON q.call_id = e.call_id AND q.event_id = e.event_id
    LEFT JOIN said s ON s.event_id = e.event_id
    WHERE NOT e.ended
      AND ($1::integer[] IS NULL OR e.webhook_id = ANY ($1))
      AND ($2::timestamptz IS NULL OR e.created_at >= $2) AND ($3::timestamptz IS NULL OR e.created_at < $3)
), judged AS MATERIALIZED (
    SELECT f.*, CASE
        WHEN f.said IN ('success', 'failed') OR f.stuck THEN NULL
        WHEN f.state = 'claimed' AND f.lease_until IS NULL THEN 'it is claimed without an end'
        WHEN NOT f.in_outbox AND NOT f.in_queue THEN 'undelivered, and its payload is neither in the outbox nor in the queue'
        WHEN f.has_queue_row AND NOT f.in_queue AND NOT f.row_gone THEN 'has_queue_row is true and there is no such row: no path may deliver it'
        WHEN f.in_queue AND NOT coalesce(f.row_waits, false) AND f.said IS NULL
            THEN 'undelivered, and its queue row is ' || coalesce(f.row_status, 'without a status') || ': no path may deliver it'
        WHEN NOT f.in_outbox AND NOT coalesce(f.row_waits, false) THEN 'undelivered, and no payload is left that could be sent'
        END AS why
    FROM fact f
), placed AS MATERIALIZED (
    SELECT j.event_id, j.webhook_id, j.call_id, j.created_at, j.why, CASE
        WHEN j.why IS NOT NULL THEN 'nowhere'
        WHEN j.said = 'success' THEN 'delivered'
        WHEN j.said = 'failed' THEN 'dead'
        WHEN j.stuck THEN 'stuck'
        WHEN j.state = 'claimed' AND (j.lease_until >= now() OR j.held) THEN 'in_flight'
        WHEN j.state = 'claimed' THEN 'ambiguous'
        WHEN NOT j.enabled THEN 'parked'
        WHEN j.in_queue THEN 'queue'
        WHEN j.published_at IS NOT NULL AND j.void_reason IS NULL THEN 'stream'
        ELSE 'outbox' END AS place
    FROM judged j
)
SELECT p.place, count(*) AS events,
       CASE WHEN p.place = 'nowhere' THEN
           (SELECT jsonb_agg(n) FROM (SELECT l.event_id, l.call_id, l.webhook_id, least(greatest(l.created_at, '0001-01-01'), '9999-12-31') AS at, l.why
                                      FROM placed l WHERE l.place = 'nowhere' ORDER BY l.created_at, l.event_id LIMIT $4) n)
       END AS named
FROM placed p
GROUP BY p.place
