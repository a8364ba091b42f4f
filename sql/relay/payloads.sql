-- The payloads of the events $1 that are in the outbox: of the first, and of others as far as all are $2 bytes.
SELECT n.event_id, n.fits, CASE WHEN n.fits THEN n.payload::text ELSE '' END AS payload
FROM (SELECT s.event_id, s.payload, s.nth = 1 OR s.upto <= $2::bigint AS fits
      FROM (SELECT o.event_id, o.payload, row_number() OVER in_order AS nth,
                   sum(coalesce(o.payload_bytes, pg_column_size(o.payload))) OVER in_order AS upto
            FROM unnest($1::text[]) WITH ORDINALITY AS named (event_id, nth)
            JOIN rule_nats_outbox o ON o.event_id = named.event_id
            WINDOW in_order AS (ORDER BY named.nth ROWS UNBOUNDED PRECEDING)) s) n
