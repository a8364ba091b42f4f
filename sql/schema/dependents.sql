-- What would stop the steps from being taken back? Objects of others that depend on what they made (tables, views, columns, functions,
-- row types), or that lie in our schema; and the owners ($2: true) whose rights this role does not have. $1 the engine's schema.
WITH made AS (
    SELECT split_part(m.object, ' ', 1) AS kind, substr(m.object, strpos(m.object, ' ') + 1) AS name
    FROM wavegate.schema_step s CROSS JOIN LATERAL jsonb_to_recordset(s.created) AS m (object text)
), placed AS (
    SELECT m.kind, CASE WHEN m.name LIKE 'wavegate.%' THEN m.name ELSE format('%I.%s', $1::text, m.name) END AS name FROM made m
), ours AS MATERIALIZED (
    SELECT 'pg_class'::regclass::oid AS class, to_regclass(p.name)::oid AS object, 0 AS column_number
    FROM placed p WHERE p.kind IN ('table', 'view')
    UNION ALL
    SELECT 'pg_type'::regclass::oid, c.reltype, 0
    FROM placed p JOIN pg_class c ON c.oid = to_regclass(p.name) WHERE p.kind IN ('table', 'view')
    UNION ALL
    SELECT 'pg_class'::regclass::oid, a.attrelid, a.attnum
    FROM placed p
    JOIN pg_attribute a ON a.attrelid = to_regclass(regexp_replace(p.name, '[.][^.]*$', ''))
                       AND a.attname = substring(p.name FROM '[^.]*$') AND NOT a.attisdropped
    WHERE p.kind = 'column'
    UNION ALL
    SELECT 'pg_proc'::regclass::oid, to_regprocedure(p.name)::oid, 0 FROM placed p WHERE p.kind = 'function'
), dependent AS (
    SELECT CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END AS class, coalesce(r.ev_class, d.objid) AS object,
           CASE WHEN r.oid IS NULL THEN d.objsubid ELSE 0 END AS column_number
    FROM ours o
    JOIN pg_depend d ON d.refclassid = o.class AND d.refobjid = o.object AND o.column_number IN (0, d.refobjsubid) AND d.deptype = 'n'
    LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
)
SELECT DISTINCT pg_describe_object(d.class, d.object, d.column_number) AS name
FROM dependent d
WHERE NOT $2
  AND NOT EXISTS (SELECT FROM ours o WHERE o.class = d.class AND o.object = d.object AND o.column_number IN (0, d.column_number))
  -- Our own constraints, defaults and triggers go with our columns and functions.
  AND NOT EXISTS (SELECT FROM pg_constraint k JOIN ours o ON o.class = 'pg_class'::regclass AND o.object = k.conrelid
                  WHERE d.class = 'pg_constraint'::regclass AND k.oid = d.object AND (o.column_number = 0 OR o.column_number = ANY (k.conkey)))
  AND NOT EXISTS (SELECT FROM pg_attrdef f JOIN ours o ON o.class = 'pg_class'::regclass AND o.object = f.adrelid
                  WHERE d.class = 'pg_attrdef'::regclass AND f.oid = d.object AND o.column_number IN (0, f.adnum))
  AND NOT EXISTS (SELECT FROM pg_trigger t JOIN made m ON m.kind = 'trigger' AND m.name LIKE t.tgname || ' on %'
                  WHERE d.class = 'pg_trigger'::regclass AND t.oid = d.object)
  AND NOT EXISTS (SELECT FROM pg_trigger t JOIN ours o ON o.class = 'pg_class'::regclass AND o.object = t.tgrelid AND o.column_number = 0
                  WHERE d.class = 'pg_trigger'::regclass AND t.oid = d.object)
UNION
SELECT pg_describe_object('pg_class'::regclass, c.oid, 0)
FROM pg_class c
WHERE NOT $2 AND c.relnamespace = to_regnamespace('wavegate') AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
  AND NOT EXISTS (SELECT FROM ours o WHERE o.object = c.oid AND o.column_number = 0)
UNION
SELECT pg_get_userbyid(w.owner)
FROM (SELECT c.relowner AS owner FROM pg_class c
      WHERE c.relkind IN ('r', 'v', 'p') AND (c.relnamespace = to_regnamespace('wavegate')
            OR c.oid IN (to_regclass(format('%I.rule_webhooks', $1)), to_regclass(format('%I.rule_webhook_events', $1))))
      UNION SELECT n.nspowner FROM pg_namespace n WHERE n.nspname = 'wavegate') w
WHERE $2 AND NOT pg_has_role(w.owner, 'USAGE')
ORDER BY 1
