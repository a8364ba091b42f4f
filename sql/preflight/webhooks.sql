-- How many webhooks are there, how many enabled, which without a publish mode, and how long may a call take?
SELECT count(*) AS webhooks, count(*) FILTER (WHERE coalesce(w.enabled, true)) AS enabled,
       count(*) FILTER (WHERE w.publish_mode IS NULL) AS modeless,
       min(w.webhook_id) FILTER (WHERE w.publish_mode IS NULL) AS first_modeless,
       coalesce(max(w.timeout_ms), 0) AS longest_timeout_ms
FROM wavegate.webhooks w
