-- What waits behind the cursor, and how far does the outbox go? Per partition $1, after seq $2 up to the cursor $3, at most $4
-- each, without payloads; not of the webhooks $5, which wait; $6 config, $7 whether events without config belong to it,
-- $8 whether only what is due and of an enabled webhook is wanted.
SELECT place.partition,
       (SELECT e.seq FROM rule_webhook_events e
        WHERE e.published_at IS NULL AND e.void_reason IS NULL AND e.webhook_id & 7 = place.partition AND e.seq > place.upto
        ORDER BY e.seq DESC LIMIT 1) AS newest,
       ARRAY(SELECT e.seq FROM rule_webhook_events e
             WHERE e.published_at IS NULL AND e.void_reason IS NULL AND e.webhook_id & 7 = place.partition
               AND e.seq > place.after AND e.seq <= place.upto
               AND e.webhook_id <> ALL ($5::integer[])
               AND e.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
               AND EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id
                             AND (o.config_id = $6 OR $7 AND o.config_id IS NULL))
             AND (NOT $8 OR e.due_at <= now()
                  AND EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = e.webhook_id AND coalesce(w.enabled, true)))
             ORDER BY e.seq LIMIT $4) AS behind
FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS place (partition, after, upto)
