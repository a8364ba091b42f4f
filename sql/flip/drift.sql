-- How is each member of migration $1, and what did wavegate write to it last? By the newest line of the kinds $2, which tell of one
-- webhook's columns, or else as it was found. One statement, so that no flip comes between. Deleted ones are missing.
WITH last AS MATERIALIZED (
    SELECT DISTINCT ON (j.webhook_id) j.webhook_id, j.after
    FROM wavegate.journal j
    WHERE j.migration_id = $1 AND j.step = ANY ($2) AND j.webhook_id IS NOT NULL
    ORDER BY j.webhook_id, j.id DESC
)
SELECT w.webhook_id, w.webhook_name, coalesce(w.enabled, true) AS enabled, w.mode_epoch,
       coalesce(w.publish_mode, 'queue') AS publish_mode, coalesce(w.nats_enabled, false) AS nats_enabled, w.nats_subject,
       w.nats_config_id, w.nats_share, w.nats_takeover_after_ms, v.name AS wave, coalesce(l.after, m.found) AS wrote,
       f.webhook_id IS NOT NULL AS fenced
FROM wavegate.member m
JOIN wavegate.wave v USING (migration_id, position)
JOIN wavegate.webhooks w ON w.webhook_id = m.webhook_id
LEFT JOIN last l ON l.webhook_id = m.webhook_id
LEFT JOIN rule_nats_fences f ON f.webhook_id = m.webhook_id
WHERE m.migration_id = $1
ORDER BY v.position, w.webhook_id
