-- How large were the payloads of the seven days before $1, as text, and how many were larger than $2 bytes?
SELECT max(p.bytes) AS largest, count(*) FILTER (WHERE p.bytes > $2) AS over,
       (array_agg(p.webhook_id ORDER BY p.bytes DESC) FILTER (WHERE p.bytes > $2))[1] AS webhook_id,
       coalesce(sum(p.bytes), 0)::bigint AS total
FROM (SELECT q.webhook_id, octet_length(q.payload::text)::bigint AS bytes
      FROM wavegate.queue q WHERE q.created_at >= $1::timestamptz - interval '7 days'
      UNION ALL
      SELECT o.webhook_id, octet_length(o.payload::text)
      FROM rule_nats_outbox o JOIN rule_webhook_events e USING (event_id) WHERE NOT e.has_queue_row) p
