-- Does the list of what waits to be published miss an event? Nothing of ours takes one off too early, but hands do, and a restore of
-- single tables. $1 at most. The outbox is asked for what is missing alone.
WITH missing AS MATERIALIZED (
    SELECT e.seq, e.event_id, e.webhook_id
    FROM rule_webhook_events e
    WHERE NOT e.ended AND e.state <> 'stuck' AND e.published_at IS NULL AND e.void_reason IS NULL
      AND NOT EXISTS (SELECT FROM wavegate.unpublished u WHERE u.partition = e.webhook_id & 7 AND u.seq = e.seq)
)
INSERT INTO wavegate.unpublished (partition, seq, event_id, webhook_id, config_id)
SELECT m.webhook_id & 7, m.seq, m.event_id, m.webhook_id, o.config_id
FROM missing m
JOIN rule_nats_outbox o ON o.event_id = m.event_id
LIMIT $1
ON CONFLICT DO NOTHING
