-- Every webhook of shape A, with its volume since $1, whichever columns of migration 007 are there.
WITH volume AS (
    SELECT q.webhook_id,
           count(*) AS calls,
           count(*) FILTER (WHERE q.status = 'failed') AS failed,
           avg(extract(epoch FROM q.completed_at - q.created_at) * 1000) FILTER (WHERE q.status = 'success' AND isfinite(q.completed_at) AND isfinite(q.created_at))::float8 AS latency_ms
    FROM {schema}.rule_webhook_calls q
    WHERE q.created_at >= $1
    GROUP BY q.webhook_id
)
SELECT w.webhook_id, w.webhook_name, coalesce(w.enabled, true) AS enabled, ARRAY(SELECT t.tag::text FROM unnest(w.tags) WITH ORDINALITY AS t (tag, place) WHERE t.tag IS NOT NULL ORDER BY t.place) AS tags,
       coalesce(to_jsonb(w) ->> 'publish_mode', 'queue') AS publish_mode, 0::smallint AS nats_share, 0::bigint AS mode_epoch,
       to_jsonb(w) ->> 'nats_subject' AS nats_subject, false AS fenced, coalesce(v.calls, 0) AS calls_7d,
       coalesce(v.failed, 0) AS failed_7d, v.latency_ms AS mean_latency_ms
FROM {schema}.rule_webhooks w
LEFT JOIN volume v USING (webhook_id)
ORDER BY w.webhook_id
