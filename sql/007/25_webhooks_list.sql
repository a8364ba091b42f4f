-- SQL API: webhooks with NATS.
-- The webhooks that NATS may carry, with their publishes. History is grouped before the join.
CREATE OR REPLACE FUNCTION {schema}.rule_nats_webhooks_list() RETURNS TABLE (
    webhook_id integer, webhook_name text, nats_subject text, publish_mode text, config_name text, total_published bigint, success_rate numeric
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, wavegate, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT w.webhook_id, w.webhook_name, w.nats_subject, w.publish_mode, c.config_name,
           coalesce(h.total, 0), round(100.0 * h.good / nullif(h.total, 0), 2)
    FROM {schema}.rule_webhooks w
    LEFT JOIN {schema}.rule_nats_config c ON c.config_id = w.nats_config_id
    LEFT JOIN (
        SELECT p.webhook_id, count(*) AS total, count(*) FILTER (WHERE p.success) AS good
        FROM {schema}.rule_nats_publish_history p GROUP BY p.webhook_id
    ) h ON h.webhook_id = w.webhook_id
    WHERE w.nats_enabled
    ORDER BY w.webhook_name;
END
$$;
