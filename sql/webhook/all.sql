-- Every webhook, with its volume since $1. One pass over the queue, grouped before the join.
WITH volume AS (
    SELECT q.webhook_id,
           count(*) AS calls,
           count(*) FILTER (WHERE q.status = 'failed') AS failed,
           avg(extract(epoch FROM q.completed_at - q.created_at) * 1000) FILTER (WHERE q.status = 'success')::float8 AS latency_ms
    FROM wavegate.queue q
    WHERE q.created_at >= $1
    GROUP BY q.webhook_id
), born AS (
    SELECT e.webhook_id,
           count(*) AS calls,
           count(*) FILTER (WHERE e.state = 'dead') AS failed,
           avg(extract(epoch FROM e.delivered_at - e.created_at) * 1000)::float8 AS latency_ms
    FROM rule_webhook_events e
    WHERE e.created_at >= $1 AND NOT e.two_route
    GROUP BY e.webhook_id
)
SELECT w.webhook_id, w.webhook_name, coalesce(w.enabled, true) AS enabled, coalesce(w.tags, '{}') AS tags,
       coalesce(w.publish_mode, 'queue') AS publish_mode, w.nats_share, w.mode_epoch, w.nats_subject,
       EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id) AS fenced,
       coalesce(v.calls, 0) + coalesce(b.calls, 0) AS calls_7d,
       coalesce(v.failed, 0) + coalesce(b.failed, 0) AS failed_7d,
       coalesce(v.latency_ms, b.latency_ms) AS mean_latency_ms
FROM wavegate.webhooks w
LEFT JOIN volume v USING (webhook_id)
LEFT JOIN born b USING (webhook_id)
-- The probe of preflight is nobody's webhook.
WHERE NOT coalesce('wavegate:probe' = ANY (w.tags), false)
ORDER BY w.webhook_id
