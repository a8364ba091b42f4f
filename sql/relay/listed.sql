-- As unpublished.sql, without payloads: for a read that PostgreSQL refuses.
SELECT next.seq, place.partition
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    SELECT u.seq
    FROM wavegate.unpublished u
    WHERE u.partition = place.partition AND u.seq > place.after
      AND (u.config_id = $4 OR $5 AND u.config_id IS NULL)
      AND u.webhook_id <> ALL ($6::integer[])
      AND u.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
      AND (NOT $7 OR EXISTS (SELECT FROM rule_webhook_events e JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
                             WHERE e.event_id = u.event_id AND e.due_at <= now() AND coalesce(w.enabled, true)))
    ORDER BY u.seq
    LIMIT $3
) AS next
