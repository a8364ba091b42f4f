-- Which webhooks have events in the ledger, as far as config $1 goes ($2: and those without one)? Those that are gone belong to
-- every config. One probe of the index for each webhook.
WITH RECURSIVE known AS (
    SELECT min(e.webhook_id) AS webhook_id FROM rule_webhook_events e
    UNION ALL
    SELECT (SELECT min(e.webhook_id) FROM rule_webhook_events e WHERE e.webhook_id > k.webhook_id)
    FROM known k
    WHERE k.webhook_id IS NOT NULL
)
SELECT k.webhook_id
FROM known k
LEFT JOIN wavegate.webhooks w ON w.webhook_id = k.webhook_id
WHERE k.webhook_id IS NOT NULL
  AND (w.webhook_id IS NULL OR w.nats_config_id = $1 OR $2 AND w.nats_config_id IS NULL)
ORDER BY k.webhook_id
