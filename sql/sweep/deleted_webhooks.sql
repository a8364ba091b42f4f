-- Undelivered events of webhooks that are gone die; $1 at most. The webhooks of undelivered events are found by one probe of
-- the index each, so that many events of living webhooks cost nothing.
WITH RECURSIVE known AS (
    SELECT min(e.webhook_id) AS webhook_id FROM rule_webhook_events e WHERE NOT e.ended
    UNION ALL
    SELECT (SELECT min(e.webhook_id) FROM rule_webhook_events e
            WHERE NOT e.ended AND e.webhook_id > k.webhook_id)
    FROM known k
    WHERE k.webhook_id IS NOT NULL
), orphan AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.webhook_id = ANY (ARRAY(SELECT k.webhook_id FROM known k
                                    WHERE NOT EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = k.webhook_id)))
      AND NOT e.ended AND e.state <> 'stuck'
      AND (e.state <> 'claimed' OR e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now()))
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
UPDATE rule_webhook_events e SET state = 'dead', error = 'its webhook was deleted' FROM orphan o WHERE e.event_id = o.event_id
