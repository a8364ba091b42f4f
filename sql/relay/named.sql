-- Those of the events $1 (seqs, of the partitions $2) that are committed and not yet published; $3 config, $4 whether events
-- without config belong to it, $5 whether only what is due and of an enabled webhook is wanted.
SELECT e.seq, e.event_id, e.webhook_id, e.publish_count + 1 AS copy, o.subject, o.payload::text AS payload, now() AS read_at
FROM unnest($1::bigint[], $2::integer[]) AS named (seq, partition)
JOIN rule_webhook_events e ON e.webhook_id & 7 = named.partition AND e.seq = named.seq
JOIN rule_nats_outbox o ON o.event_id = e.event_id
WHERE e.published_at IS NULL AND e.void_reason IS NULL
  AND (o.config_id = $3 OR $4 AND o.config_id IS NULL)
  AND e.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
  AND (NOT $5 OR e.due_at <= now()
       AND EXISTS (SELECT FROM wavegate.webhooks w WHERE w.webhook_id = e.webhook_id AND coalesce(w.enabled, true)))
ORDER BY e.seq
