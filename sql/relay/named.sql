-- Those of the events $1 (seqs, of the partitions $2) that are committed and not yet published; $3 config, $4 whether events
-- without config belong to it, $5 whether only what is due and of an enabled webhook is wanted.
SELECT u.seq, u.event_id, u.webhook_id, 1 AS copy, o.subject, o.payload::text AS payload, now() AS read_at
FROM unnest($1::bigint[], $2::integer[]) AS named (seq, partition)
JOIN wavegate.unpublished u ON u.partition = named.partition AND u.seq = named.seq
JOIN rule_nats_outbox o ON o.event_id = u.event_id
WHERE (u.config_id = $3 OR $4 AND u.config_id IS NULL)
  AND u.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
  AND (NOT $5 OR EXISTS (SELECT FROM rule_webhook_events e JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
                         WHERE e.event_id = u.event_id AND e.due_at <= now() AND coalesce(w.enabled, true)))
ORDER BY u.seq
