-- What is committed and not yet published? Per partition $1 after its seq $2, at most $3 each; $4 config, $5 whether events
-- without config belong to it; not of the webhooks $6, which wait; $7 whether only
-- what is due and of an enabled webhook is wanted. Payloads of $8 bytes for each partition: the first that exceeds them is named without,
-- and so is each whose size nobody knows: born before sizes were noted, or a text that PostgreSQL cannot make.
SELECT next.seq, next.event_id, next.webhook_id, 1 AS copy, next.subject,
       CASE WHEN next.known AND next.upto <= $8::bigint THEN next.payload::text ELSE '' END AS payload, next.known,
       next.upto <= $8::bigint AS fits, now() AS read_at
FROM unnest($1::integer[], $2::bigint[]) AS place (partition, after)
CROSS JOIN LATERAL (
    -- The size is asked of the row alone; a payload is made out only if it is sent.
    SELECT u.seq, u.event_id, u.webhook_id, o.subject, o.payload, o.payload_bytes IS NOT NULL AS known, coalesce(o.payload_bytes, 0) AS bytes,
           sum(coalesce(o.payload_bytes, 0)) OVER (ORDER BY u.seq ROWS UNBOUNDED PRECEDING) AS upto
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
WHERE next.upto - next.bytes < $8::bigint
