-- Which number did the queue's key give last, which is the last that it can give, and how many go a day, by its newest hundred thousand
-- of the day before $4? $1 the engine's schema, $2 the queue, $3 its key.
SELECT s.last_value AS last,
       least(s.max_value, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE s.max_value END) AS most,
       ((s.last_value - used.first + 1) * 86400.0
        / greatest(3600, extract(epoch FROM $4::timestamptz - used.since)))::float8 AS per_day
FROM pg_class t
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = $3
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum
 AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_sequences s ON s.schemaname = n.nspname AND s.sequencename = c.relname
LEFT JOIN LATERAL (
    SELECT min(x.call_id) AS first, min(x.created_at) AS since
    FROM (SELECT q.* FROM (SELECT q.call_id::bigint, q.created_at FROM wavegate.queue q ORDER BY q.call_id DESC LIMIT 100000) q
          UNION ALL
          SELECT e.* FROM (SELECT e.call_id, e.created_at FROM rule_webhook_events e ORDER BY e.seq DESC LIMIT 100000) e) x
    WHERE x.created_at >= $4::timestamptz - interval '1 day' AND x.call_id <= s.last_value
) used ON true
WHERE t.relnamespace = to_regnamespace(quote_ident($1)) AND t.relname = $2
