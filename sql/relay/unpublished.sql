-- What is committed and not yet published? Per partition $1 after its seq $2, at most $3 each; $4 config, $5 whether events
-- without config belong to it; not of the webhooks $6, which wait; $7 whether only
-- what is due and of an enabled webhook is wanted.
SELECT next.*
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    SELECT u.seq, u.event_id, u.webhook_id, 1 AS copy, o.subject, o.payload::text AS payload, now() AS read_at
    FROM wavegate.unpublished u
    JOIN rule_nats_outbox o ON o.event_id = u.event_id
    WHERE u.partition = place.partition AND u.seq > place.after
      AND (u.config_id = $4 OR $5 AND u.config_id IS NULL)
      AND u.webhook_id <> ALL ($6::integer[])
      AND u.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
      AND (NOT $7 OR EXISTS (SELECT FROM rule_webhook_events e JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
                             WHERE e.event_id = u.event_id AND e.due_at <= now() AND coalesce(w.enabled, true)))
    ORDER BY u.seq
    LIMIT $3
) AS next
