-- View: the guide's daily look.
-- The guide's daily look; both sides are grouped before they are joined.
CREATE OR REPLACE VIEW {schema}.migration_status AS
SELECT w.publish_mode, count(*) AS webhook_count,
       sum(coalesce(n.messages, 0)) AS nats_messages_24h, sum(coalesce(q.messages, 0)) AS queue_messages_24h
FROM {schema}.rule_webhooks w
LEFT JOIN (
    SELECT h.webhook_id, count(*) AS messages FROM {schema}.rule_nats_publish_history h
    WHERE h.published_at >= now() - interval '24 hours' GROUP BY h.webhook_id
) n USING (webhook_id)
LEFT JOIN (
    SELECT c.webhook_id, count(*) AS messages FROM {schema}.{queue} c
    WHERE c.created_at >= now() - interval '24 hours' GROUP BY c.webhook_id
) q USING (webhook_id)
WHERE w.enabled
GROUP BY w.publish_mode;
