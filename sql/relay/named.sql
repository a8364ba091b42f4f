-- Those of the events $1 (seqs, of the partitions $2) that are committed and not yet published; $3 config, $4 whether events
-- without config belong to it, $5 whether only what is due and of an enabled webhook is wanted. The first has its payload, and
-- others as far as all are $6 bytes.
SELECT n.seq, n.event_id, n.webhook_id, 1 AS copy, n.subject, true AS known, n.fits, now() AS read_at,
       CASE WHEN n.fits THEN n.payload::text ELSE '' END AS payload
FROM (SELECT s.seq, s.event_id, s.webhook_id, s.subject, s.payload, s.nth = 1 OR s.upto <= $6::bigint AS fits
      FROM (SELECT u.seq, u.event_id, u.webhook_id, o.subject, o.payload, row_number() OVER in_order AS nth,
                   sum(coalesce(o.payload_bytes, pg_column_size(o.payload))) OVER in_order AS upto
            FROM unnest($1::bigint[], $2::integer[]) AS named (seq, partition)
            JOIN wavegate.unpublished u ON u.partition = named.partition AND u.seq = named.seq
            -- Looked up for each of them, also where the planner takes the outbox for empty.
            CROSS JOIN LATERAL (SELECT b.subject, b.payload, b.payload_bytes FROM rule_nats_outbox b
                                WHERE b.event_id = u.event_id OFFSET 0) AS o
            WHERE (u.config_id = $3 OR $4 AND u.config_id IS NULL)
              AND u.webhook_id <> ALL (ARRAY(SELECT f.webhook_id FROM rule_nats_fences f))
              AND (NOT $5 OR EXISTS (SELECT FROM rule_webhook_events e JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
                                     WHERE e.event_id = u.event_id AND e.due_at <= now() AND coalesce(w.enabled, true)))
            WINDOW in_order AS (ORDER BY u.seq ROWS UNBOUNDED PRECEDING)) s) n
ORDER BY n.seq
