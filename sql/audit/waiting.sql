-- Where are the calls that only the queue has, and that are not over? $1 webhooks (NULL: all), $2 from, $3 to (NULL: open),
-- $4 how many to name of those that are nowhere.
WITH fact AS (
    SELECT q.event_id, q.webhook_id, q.call_id, q.created_at, q.status,
           q.claimed_by IS NOT NULL AND q.started_at <= q.lease_until AS ours,
           q.lease_until >= now() OR EXISTS (SELECT FROM wavegate.held k WHERE k.call_id = q.call_id AND k.until >= now()) AS live,
           EXISTS (SELECT FROM wavegate.stuck s WHERE s.call_id = q.call_id) AS stuck,
           coalesce(q.started_at, q.created_at) >= now() - coalesce(w.timeout_ms, 5000) * interval '2 ms' - interval '5 min' AS fresh,
           coalesce(w.enabled, true) AS enabled,
           CASE
               WHEN w.webhook_id IS NULL THEN 'its webhook is gone, so no worker takes it'
               WHEN q.two_route THEN 'its queue row is one of two routes, and the ledger does not know it'
               WHEN q.status IS NULL THEN 'its queue row has no status, so no worker takes it'
               WHEN q.status = 'pending' AND q.scheduled_at IS NULL
                   OR q.status = 'retrying' AND coalesce(q.next_retry_at, q.scheduled_at) IS NULL
                   THEN 'it has no due time, so no worker takes it'
               WHEN q.status = 'processing' AND q.claimed_by IS NOT NULL AND q.lease_until IS NULL THEN 'it is claimed without an end'
           END AS why
    FROM wavegate.queue q
    LEFT JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    WHERE (q.status IN ('pending', 'retrying', 'processing') OR q.status IS NULL)
      AND ($1::integer[] IS NULL OR q.webhook_id = ANY ($1))
      AND ($2::timestamptz IS NULL OR q.created_at >= $2) AND ($3::timestamptz IS NULL OR q.created_at < $3)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = q.event_id)
), placed AS MATERIALIZED (
    SELECT coalesce(f.event_id, 'call-' || f.call_id) AS event_id, f.webhook_id, f.call_id, f.created_at, f.why, CASE
        WHEN f.stuck THEN 'stuck'
        WHEN f.why IS NOT NULL THEN 'nowhere'
        WHEN f.status = 'processing' AND f.ours AND f.live THEN 'in_flight'
        WHEN f.status = 'processing' AND f.ours THEN 'ambiguous'
        -- Somebody else's worker has no lease: believed for as long as a call can take.
        WHEN f.status = 'processing' AND f.fresh THEN 'in_flight'
        WHEN NOT f.enabled THEN 'parked'
        ELSE 'queue' END AS place
    FROM fact f
)
SELECT p.place, count(*) AS events,
       CASE WHEN p.place = 'nowhere' THEN
           (SELECT jsonb_agg(n) FROM (SELECT l.event_id, l.call_id, l.webhook_id, least(greatest(l.created_at, '0001-01-01'), '9999-12-31') AS at, l.why
                                      FROM placed l WHERE l.place = 'nowhere' ORDER BY l.created_at, l.call_id LIMIT $4) n)
       END AS named
FROM placed p
GROUP BY p.place
