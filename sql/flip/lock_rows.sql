-- What read.sql reads of these webhooks ($1), under lock, in the order of the ids. NO KEY: publishers, who hold a key share of these rows, neither wait nor
-- make us wait.
SELECT w.webhook_id, w.webhook_name, coalesce(w.enabled, true) AS enabled, w.mode_epoch,
       coalesce(w.publish_mode, 'queue') AS publish_mode, coalesce(w.nats_enabled, false) AS nats_enabled, w.nats_subject,
       w.nats_config_id, w.nats_share, w.nats_takeover_after_ms
FROM wavegate.webhooks w
WHERE w.webhook_id = ANY ($1)
ORDER BY w.webhook_id
FOR NO KEY UPDATE
