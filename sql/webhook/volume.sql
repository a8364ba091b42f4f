-- How much did each webhook carry since $1? One pass over the queue, one over the ledger, grouped before the join.
WITH volume AS (
    SELECT q.webhook_id,
           count(*) AS calls,
           count(*) FILTER (WHERE q.status = 'failed') AS failed,
           avg(extract(epoch FROM q.completed_at - q.created_at) * 1000) FILTER (WHERE q.status = 'success' AND isfinite(q.completed_at) AND isfinite(q.created_at))::float8 AS latency_ms
    FROM wavegate.queue q
    WHERE q.created_at >= $1
    GROUP BY q.webhook_id
), born AS (
    SELECT e.webhook_id,
           count(*) AS calls,
           count(*) FILTER (WHERE e.state = 'dead') AS failed,
           avg(extract(epoch FROM e.delivered_at - e.created_at) * 1000) FILTER (WHERE isfinite(e.delivered_at) AND isfinite(e.created_at))::float8 AS latency_ms
    FROM rule_webhook_events e
    WHERE e.created_at >= $1 AND NOT e.two_route
    GROUP BY e.webhook_id
)
SELECT coalesce(v.webhook_id, b.webhook_id) AS webhook_id,
       coalesce(v.calls, 0) + coalesce(b.calls, 0) AS calls_7d,
       coalesce(v.failed, 0) + coalesce(b.failed, 0) AS failed_7d,
       coalesce(v.latency_ms, b.latency_ms) AS mean_latency_ms
FROM volume v FULL JOIN born b ON b.webhook_id = v.webhook_id
