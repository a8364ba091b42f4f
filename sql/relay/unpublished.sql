-- What is committed and not yet published? Per partition $1 after its seq $2, at most $3 each; $4 config, $5 whether events
-- without config belong to it; not of the webhooks $6, which wait; $7 whether only
-- what is due and of an enabled webhook is wanted.
SELECT next.*
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    SELECT e.seq, e.event_id, e.webhook_id, e.publish_count + 1 AS copy, o.subject, o.payload::text AS payload, now() AS read_at
    FROM rule_webhook_events e
    JOIN rule_nats_outbox o ON o.event_id = e.event_id
    WHERE e.published_at IS NULL AND e.void_reason IS NULL AND e.webhook_id & 7 = place.partition AND e.seq > place.after
      AND (o.config_id = $4 OR $5 AND o.config_id IS NULL)
      AND e.webhook_id <> ALL ($6::integer[])
      AND e.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
      AND (NOT $7 OR e.due_at <= now()
           AND EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = e.webhook_id AND coalesce(w.enabled, true)))
    ORDER BY e.seq
    LIMIT $3
) AS next
