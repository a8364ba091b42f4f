-- What waits behind the cursor, and how far does the outbox go? Per partition $1, after seq $2 up to the cursor $3, at most $4
-- each, without payloads; not of the webhooks $5, which wait; $6 config, $7 whether events without config belong to it,
-- $8 whether only what is due and of an enabled webhook is wanted.
SELECT place.partition,
       (SELECT u.seq FROM wavegate.unpublished u
        WHERE u.partition = place.partition AND u.seq > place.upto
        ORDER BY u.seq DESC LIMIT 1) AS newest,
       ARRAY(SELECT u.seq FROM wavegate.unpublished u
             WHERE u.partition = place.partition AND u.seq > place.after AND u.seq <= place.upto
               AND (u.config_id = $6 OR $7 AND u.config_id IS NULL)
               AND u.webhook_id <> ALL ($5::integer[])
               AND u.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
               AND (NOT $8 OR EXISTS (SELECT FROM rule_webhook_events e JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
                                      WHERE e.event_id = u.event_id AND e.due_at <= now() AND coalesce(w.enabled, true)))
             ORDER BY u.seq LIMIT $4) AS behind
FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS place (partition, after, upto)
