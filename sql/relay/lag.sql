-- How old is the oldest event that waits to be published, in ms? Per partition $1 after its seq $2; $3 config, $4 whether events
-- without config belong to it, $5 whether only what is due and of an enabled webhook counts.
SELECT max(first.age_ms)
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    SELECT (extract(epoch FROM clock_timestamp() - e.created_at) * 1000)::bigint AS age_ms
    FROM wavegate.unpublished u
    JOIN rule_webhook_events e ON e.event_id = u.event_id
    WHERE u.partition = place.partition AND u.seq > place.after
      AND (u.config_id = $3 OR $4 AND u.config_id IS NULL)
      AND u.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
      AND (NOT $5 OR e.due_at <= now()
           AND EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = u.webhook_id AND coalesce(w.enabled, true)))
    ORDER BY u.seq
    LIMIT 1
) AS first
