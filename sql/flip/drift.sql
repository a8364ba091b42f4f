-- How is each member of migration $1, and what did wavegate write to it last? By the newest line of the kinds $2, which tell of one
-- webhook's columns, or else as it was found. One statement, so that no flip comes between. Deleted ones are missing. No join
-- with what was just written, of which the planner knows no size yet: its cost could be a product.
WITH lines AS (
    SELECT m.webhook_id, m.position, 0::bigint AS id, m.found AS wrote FROM wavegate.member m WHERE m.migration_id = $1
    UNION ALL
    SELECT j.webhook_id, NULL, j.id, j.after
    FROM wavegate.journal j
    WHERE j.migration_id = $1 AND j.step = ANY ($2) AND j.webhook_id IS NOT NULL
), last AS MATERIALIZED (
    SELECT l.webhook_id, max(l.position) AS position, (array_agg(l.wrote ORDER BY l.id DESC))[1] AS wrote
    FROM lines l
    GROUP BY l.webhook_id
)
SELECT w.webhook_id, w.webhook_name, coalesce(w.enabled, true) AS enabled, w.mode_epoch,
       coalesce(w.publish_mode, 'queue') AS publish_mode, coalesce(w.nats_enabled, false) AS nats_enabled, w.nats_subject,
       w.nats_config_id, w.nats_share, w.nats_takeover_after_ms, v.name AS wave, l.wrote,
       f.webhook_id IS NOT NULL AS fenced
FROM last l
JOIN wavegate.wave v ON v.migration_id = $1 AND v.position = l.position
JOIN wavegate.webhooks w ON w.webhook_id = l.webhook_id
LEFT JOIN rule_nats_fences f ON f.webhook_id = l.webhook_id
ORDER BY v.position, w.webhook_id
