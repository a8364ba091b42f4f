-- What does the catalogue hold, of the schema $1 and of ours, and how would each object be dropped?
-- $2: only relations and functions of these names in schema $1; NULL is all. Constraints and indexes are known by what they say,
-- not by name: an engine's own index is as good as ours. Names of that schema come without it, ours without `wavegate` too inside of
-- what a constraint or an index says. `mine`: made or changed by this very transaction.
WITH scope AS (
    SELECT n.oid, n.nspname, CASE n.nspname WHEN 'wavegate' THEN 'wavegate.' ELSE '' END AS prefix
    FROM pg_namespace n WHERE n.nspname IN ($1, 'wavegate')
), relation AS (
    SELECT c.oid, c.relkind, c.xmin, s.prefix || c.relname AS name, format('%I.%I', s.nspname, c.relname) AS quoted
    FROM pg_class c JOIN scope s ON s.oid = c.relnamespace
    WHERE s.prefix <> '' OR $2::text[] IS NULL OR c.relname = ANY ($2)
), routine AS MATERIALIZED (
    SELECT p.oid, p.xmin, p.prosrc, p.prosecdef, p.proconfig, s.prefix || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS name,
           format('%I.%I(%s)', s.nspname, p.proname, oidvectortypes(p.proargtypes)) AS quoted
    FROM pg_proc p JOIN scope s ON s.oid = p.pronamespace
    WHERE s.prefix <> '' OR $2 IS NULL OR p.proname = ANY ($2)
), facts AS (
    SELECT 1 AS rank, 'trigger ' || t.tgname || ' on ' || r.name AS object,
           (SELECT format('%s.%s enabled %s type %s', n.nspname, p.proname, t.tgenabled, t.tgtype)
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = t.tgfoid) AS value, r.name AS relation,
           format('DROP TRIGGER %I ON %s', t.tgname, r.quoted) AS undo, t.xmin
    FROM pg_trigger t JOIN relation r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 2, 'view ' || r.name,
           -- extract() answers double precision before PostgreSQL 14, and the guide's own view is as good as ours.
           (SELECT string_agg(format('%s %s', a.attname, CASE a.attname WHEN 'seconds_since_last_active' THEN 'numeric'
                                     ELSE format_type(a.atttypid, a.atttypmod) END), ', ' ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0), NULL,
           'DROP VIEW ' || r.quoted, r.xmin
    FROM relation r WHERE r.relkind = 'v'
    UNION ALL
    SELECT 3, 'function ' || r.name, pg_get_function_result(r.oid), NULL, 'DROP FUNCTION ' || r.quoted, r.xmin
    FROM routine r
    UNION ALL
    SELECT 3, 'body of ' || r.name, r.prosrc, NULL, NULL, r.xmin
    FROM routine r
    UNION ALL
    SELECT 3, 'rights of ' || r.name,
           CASE WHEN r.prosecdef THEN 'definer' ELSE 'invoker' END
           || coalesce((SELECT ', ' || setting FROM unnest(r.proconfig) AS setting WHERE setting LIKE 'search_path=%'), ''), NULL, NULL, r.xmin
    FROM routine r
    UNION ALL
    SELECT 4, format('%sindex %s %s%s', CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE 'invalid ' END, r.name, CASE WHEN i.indisunique THEN 'unique ' ELSE '' END,
                     regexp_replace(replace(substring(pg_get_indexdef(i.indexrelid) FROM ' USING (.*)$'), format('%I.', $1), ''), '[[:space:]]+', ' ', 'g')),
           'valid', r.name,
           (SELECT format('DROP INDEX %I.%I', n.nspname, x.relname) FROM pg_class x JOIN pg_namespace n ON n.oid = x.relnamespace WHERE x.oid = i.indexrelid), i.xmin
    FROM pg_index i JOIN relation r ON r.oid = i.indrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT 5, format('constraint %s %s', r.name, replace(replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''), format('%I.', $1), '')), 'present', r.name,
           format('ALTER TABLE %s DROP CONSTRAINT %I', r.quoted, k.conname), k.xmin
    FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid WHERE k.contype IN ('c', 'f', 'p', 'u')
    UNION ALL
    SELECT 5, format('valid constraint %s %s', r.name, replace(replace(pg_get_constraintdef(k.oid), ' NOT VALID', ''), format('%I.', $1), '')), 'yes', NULL, NULL, k.xmin
    FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid WHERE k.contype IN ('c', 'f') AND k.convalidated
    UNION ALL
    SELECT 6, format('column %s.%s', r.name, a.attname),
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                     'default ' || CASE WHEN d.expr LIKE 'nextval(%' THEN 'nextval' ELSE replace(d.expr, 'CURRENT_TIMESTAMP', 'now()') END),
           r.name, format('ALTER TABLE %s DROP COLUMN %I', r.quoted, a.attname), a.xmin
    FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid
    LEFT JOIN LATERAL (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) d (expr) ON true
    WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 7, 'table ' || r.name, 'present', NULL, 'DROP TABLE ' || r.quoted, r.xmin
    FROM relation r WHERE r.relkind IN ('r', 'p')
    UNION ALL
    SELECT 8, 'sequence ' || r.name, 'present', NULL, 'DROP SEQUENCE ' || r.quoted, r.xmin
    FROM relation r WHERE r.relkind = 'S'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = r.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
    UNION ALL
    SELECT 9, 'schema wavegate', 'present', NULL, 'DROP SCHEMA wavegate', n.xmin FROM pg_namespace n WHERE n.nspname = 'wavegate'
)
SELECT object, value, 'table ' || relation AS relation, undo, xmin::text = (txid_current_if_assigned() % 4294967296)::text AS mine
FROM facts
ORDER BY rank, object
