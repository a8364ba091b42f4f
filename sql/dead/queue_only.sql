-- Which of these webhooks ($1; NULL: all) can the queue alone deliver: fenced, or taken back to the queue altogether?
SELECT w.webhook_id
FROM wavegate.webhooks w
WHERE ($1::integer[] IS NULL OR w.webhook_id = ANY ($1))
  AND (coalesce(w.publish_mode, 'queue') = 'queue' AND NOT coalesce(w.nats_enabled, false)
       OR EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id))
ORDER BY w.webhook_id
