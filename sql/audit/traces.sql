-- Of which events is nothing left but a trace: a payload in the outbox or an id that a caller reserved, and neither a ledger nor
-- a queue row? $1 webhooks (NULL: all), $2 from, $3 to (NULL: open), $4 how many to name, $5 reserved ids older than this are
-- not asked about: their rows may have been cleaned away.
WITH trace AS MATERIALIZED (
    SELECT o.event_id, o.webhook_id, NULL::bigint AS call_id, o.created_at,
           'its payload is in the outbox, and neither the ledger nor the queue knows it' AS why
    FROM rule_nats_outbox o
    WHERE ($1::integer[] IS NULL OR o.webhook_id = ANY ($1))
      AND ($2::timestamptz IS NULL OR o.created_at >= $2) AND ($3::timestamptz IS NULL OR o.created_at < $3)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = o.event_id)
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.event_id = o.event_id)
    UNION ALL
    SELECT i.event_id, w.webhook_id, i.call_id, i.created_at, 'a caller reserved its id, and neither the ledger nor the queue knows it'
    FROM wavegate.event_ids i
    JOIN wavegate.webhooks w ON w.webhook_id::text = split_part(i.event_id, ':', 1)
    WHERE ($1::integer[] IS NULL OR w.webhook_id = ANY ($1))
      AND ($2::timestamptz IS NULL OR i.created_at >= $2) AND ($3::timestamptz IS NULL OR i.created_at < $3)
      AND i.created_at >= $5
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = i.event_id)
      AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.event_id = i.event_id)
      AND NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = i.event_id)
)
SELECT count(*) AS events,
       (SELECT jsonb_agg(n) FROM (SELECT t.event_id, t.call_id, t.webhook_id, least(greatest(t.created_at, '0001-01-01'), '9999-12-31') AS at, t.why
                                  FROM trace t ORDER BY t.created_at, t.event_id LIMIT $4) n) AS named
FROM trace
