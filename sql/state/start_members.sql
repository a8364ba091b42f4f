-- The members of migration $1: webhooks $2 in the waves at positions $3, with their columns as they are now.
INSERT INTO wavegate.member (migration_id, webhook_id, position, webhook_name, found)
SELECT $1, w.webhook_id, m.position, w.webhook_name,
       jsonb_build_object('publish_mode', coalesce(w.publish_mode, 'queue'), 'nats_enabled', coalesce(w.nats_enabled, false),
                          'nats_subject', w.nats_subject, 'nats_config_id', w.nats_config_id, 'nats_share', w.nats_share,
                          'nats_takeover_after_ms', w.nats_takeover_after_ms)
FROM unnest($2::integer[], $3::integer[]) AS m (webhook_id, position)
JOIN wavegate.webhooks w USING (webhook_id)
