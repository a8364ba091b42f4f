-- Every webhook that NATS has to do with: by its mode, a fence, undelivered events, or this migration ($1).
SELECT w.webhook_id FROM wavegate.webhooks w
WHERE coalesce(w.publish_mode, 'queue') <> 'queue' OR coalesce(w.nats_enabled, false)
   OR EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id)
   OR EXISTS (SELECT FROM rule_webhook_events e WHERE e.webhook_id = w.webhook_id AND NOT e.ended)
   OR EXISTS (SELECT FROM wavegate.member m JOIN wavegate.wave v USING (migration_id, position)
              WHERE m.migration_id = $1 AND m.webhook_id = w.webhook_id AND v.step <> 'pending')
ORDER BY w.webhook_id
