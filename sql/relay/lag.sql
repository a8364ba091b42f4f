-- How old is the oldest event that waits to be published, in ms? After seq $1; $2 config, $3 whether events without config
-- belong to it, $4 whether only what is due and of an enabled webhook counts.
SELECT (extract(epoch FROM clock_timestamp() - e.created_at) * 1000)::bigint
FROM rule_webhook_events e
JOIN rule_nats_outbox o ON o.event_id = e.event_id
WHERE e.published_at IS NULL AND e.void_reason IS NULL AND e.seq > $1
  AND (o.config_id = $2 OR $3 AND o.config_id IS NULL)
  AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = e.webhook_id)
  AND (NOT $4 OR e.due_at <= now()
       AND EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = e.webhook_id AND coalesce(w.enabled, true)))
ORDER BY e.seq
LIMIT 1
