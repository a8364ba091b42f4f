-- Ends the undelivered events of probes that are over: those of webhook $1, and of probes older than $2. $3: the receiver heard
-- $1's, though whoever delivered it has not recorded that yet.
UPDATE rule_webhook_events e
SET state = CASE WHEN p.heard THEN 'delivered' ELSE 'dead' END,
    path = CASE WHEN p.heard THEN 'nats' ELSE e.path END,
    delivered_at = CASE WHEN p.heard THEN now() END,
    error = CASE WHEN NOT p.heard THEN coalesce(e.error, 'the probe ended') END,
    claimed_by = NULL, lease_until = NULL
FROM (SELECT w.webhook_id, coalesce($3 AND w.webhook_id = $1, false) AS heard
      FROM wavegate.webhooks w
      WHERE 'wavegate:probe' = ANY (w.tags) AND (w.webhook_id = $1 OR w.created_at < $2)) AS p
WHERE p.webhook_id = e.webhook_id AND NOT e.ended
