-- How many events wait to be published? Per partition $1 after its seq $2, at most $3 of each; $4 config, $5 whether events
-- without config belong to it, $6 whether only what is due and of an enabled webhook counts.
SELECT count(*)
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    SELECT
    FROM wavegate.unpublished u
    WHERE u.partition = place.partition AND u.seq > place.after
      AND (u.config_id = $4 OR $5 AND u.config_id IS NULL)
      AND u.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
      AND (NOT $6 OR EXISTS (SELECT FROM rule_webhook_events e JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
                             WHERE e.event_id = u.event_id AND e.due_at <= now() AND coalesce(w.enabled, true)))
    LIMIT $3
) AS waits
