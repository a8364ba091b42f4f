-- Undelivered events of webhooks that are gone die.
WITH orphan AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.state IN ('open', 'claimed', 'retrying') AND (e.state <> 'claimed' OR e.lease_until < now())
      AND NOT EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = e.webhook_id)
    ORDER BY e.event_id
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
UPDATE rule_webhook_events e SET state = 'dead', error = 'its webhook was deleted' FROM orphan o WHERE e.event_id = o.event_id
