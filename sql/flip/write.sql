-- The six columns of many webhooks at once; rows that are so already are not touched, so that their epoch stays.
UPDATE wavegate.webhooks w
SET publish_mode = t.publish_mode, nats_enabled = t.nats_enabled, nats_subject = t.nats_subject,
    nats_config_id = t.nats_config_id, nats_share = t.nats_share, nats_takeover_after_ms = t.nats_takeover_after_ms
FROM unnest($1::integer[], $2::text[], $3::boolean[], $4::text[], $5::integer[], $6::smallint[], $7::integer[])
     AS t (webhook_id, publish_mode, nats_enabled, nats_subject, nats_config_id, nats_share, nats_takeover_after_ms)
WHERE w.webhook_id = t.webhook_id
  AND (w.publish_mode, w.nats_enabled, w.nats_subject, w.nats_config_id, w.nats_share, w.nats_takeover_after_ms)
      IS DISTINCT FROM
      (t.publish_mode, t.nats_enabled, t.nats_subject, t.nats_config_id, t.nats_share, t.nats_takeover_after_ms)
