-- The fences of members of migration $1 that are back in the queue go with it: nothing of theirs goes to NATS.
DELETE FROM rule_nats_fences f
USING wavegate.member m, wavegate.webhooks w
WHERE m.migration_id = $1 AND f.webhook_id = m.webhook_id AND w.webhook_id = m.webhook_id
  AND coalesce(w.publish_mode, 'queue') = 'queue'
RETURNING f.webhook_id
