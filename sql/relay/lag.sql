-- How old is the oldest event that waits to be published, in ms? Per partition $1 after its seq $2; $3 config, $4 whether events
-- without config belong to it, $5 whether only what is due and of an enabled webhook counts.
SELECT max(first.age_ms)
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    SELECT (extract(epoch FROM clock_timestamp() - e.created_at) * 1000)::bigint AS age_ms
    FROM rule_webhook_events e
    JOIN rule_nats_outbox o ON o.event_id = e.event_id
    WHERE e.published_at IS NULL AND e.void_reason IS NULL AND e.webhook_id & 7 = place.partition AND e.seq > place.after
      AND (o.config_id = $3 OR $4 AND o.config_id IS NULL)
      AND e.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
      AND (NOT $5 OR e.due_at <= now()
           AND EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = e.webhook_id AND coalesce(w.enabled, true)))
    ORDER BY e.seq
    LIMIT 1
) AS first
