-- Ends the undelivered events of probes that are over: those of webhook $1, and of probes older than $2.
UPDATE rule_webhook_events e
SET state = 'dead', error = coalesce(e.error, 'the probe ended'), claimed_by = NULL, lease_until = NULL
FROM wavegate.webhooks w
WHERE w.webhook_id = e.webhook_id AND 'wavegate:probe' = ANY (w.tags) AND (w.webhook_id = $1 OR w.created_at < $2)
  AND NOT e.ended
