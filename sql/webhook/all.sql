-- Every webhook, without its volume: nothing of the past is read.
SELECT w.webhook_id, w.webhook_name, coalesce(w.enabled, true) AS enabled, ARRAY(SELECT t.tag::text FROM unnest(w.tags) WITH ORDINALITY AS t (tag, place) WHERE t.tag IS NOT NULL ORDER BY t.place) AS tags,
       coalesce(w.publish_mode, 'queue') AS publish_mode, w.nats_share, w.mode_epoch, w.nats_subject,
       EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id) AS fenced,
       0::bigint AS calls_7d, 0::bigint AS failed_7d, NULL::float8 AS mean_latency_ms
FROM wavegate.webhooks w
-- The probe of preflight is nobody's webhook.
WHERE NOT coalesce('wavegate:probe' = ANY (w.tags), false)
ORDER BY w.webhook_id
