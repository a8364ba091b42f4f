-- How many events wait to be published? Per partition $1 after its seq $2, at most $3 of each; $4 config, $5 whether events
-- without config belong to it, $6 whether only what is due and of an enabled webhook counts.
SELECT count(*)
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    SELECT
    FROM rule_webhook_events e
    JOIN rule_nats_outbox o ON o.event_id = e.event_id
    WHERE e.published_at IS NULL AND e.void_reason IS NULL AND e.webhook_id & 7 = place.partition AND e.seq > place.after
      AND (o.config_id = $4 OR $5 AND o.config_id IS NULL)
      AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = e.webhook_id)
      AND (NOT $6 OR e.due_at <= now()
           AND EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = e.webhook_id AND coalesce(w.enabled, true)))
    LIMIT $3
) AS waits
