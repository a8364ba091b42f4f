-- Which of these rights name something that is here, how is each granted, and has the role $1 got it? $1 NULL: not asked.
-- Side by side: $2 kinds, $3 schemas, $4 objects, $5 privileges, $6 columns (of `all`: what is left out). What is not here yet has no row.
WITH wanted AS (
    SELECT w.kind, n.oid AS schema, n.nspname, w.object, p.privilege, string_to_array(nullif(w.columns, ''), ',') AS columns, w.place
    FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS w (kind, schema, object, privileges, columns, place)
    CROSS JOIN LATERAL unnest(string_to_array(w.privileges, ',')) WITH ORDINALITY AS p (privilege, nth)
    LEFT JOIN pg_namespace n ON n.nspname = w.schema
), found AS (
    SELECT w.place, w.privilege, NULL::text AS shown, 'ROLE'::text AS what, w.object AS target,
           pg_has_role($1::name, r.oid, 'MEMBER') AS held
    FROM wanted w JOIN pg_roles r ON r.rolname = w.object WHERE w.kind = 'member'
    UNION ALL
    SELECT w.place, w.privilege, NULL, 'SCHEMA', quote_ident(w.nspname), has_schema_privilege($1::name, w.schema, w.privilege)
    FROM wanted w WHERE w.kind = 'schema' AND w.schema IS NOT NULL
    UNION ALL
    SELECT w.place, w.privilege, NULL, 'TABLE', format('%I.%I', w.nspname, c.relname), has_table_privilege($1::name, c.oid, w.privilege)
    FROM wanted w
    JOIN pg_class c ON c.relnamespace = w.schema AND c.relkind IN ('r', 'p', 'v')
     AND (w.kind = 'table' AND c.relname = w.object OR w.kind = 'all' AND NOT c.relname = ANY (coalesce(w.columns, '{}')))
    UNION ALL
    SELECT w.place, w.privilege, (SELECT string_agg(quote_ident(x), ', ') FROM unnest(w.columns) AS x), 'TABLE',
           format('%I.%I', w.nspname, c.relname),
           (SELECT bool_and(has_column_privilege($1::name, c.oid, a.attnum, w.privilege))
            FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY (w.columns))
    FROM wanted w JOIN pg_class c ON c.relnamespace = w.schema AND c.relname = w.object WHERE w.kind = 'columns'
    UNION ALL
    SELECT w.place, w.privilege, NULL, 'SEQUENCE', format('%I.%I', n.nspname, s.relname),
           has_sequence_privilege($1::name, s.oid, w.privilege)
    FROM wanted w
    JOIN pg_class t ON t.relnamespace = w.schema AND t.relname = split_part(w.object, '.', 1)
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = split_part(w.object, '.', 2)
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = a.attnum
     AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_namespace n ON n.oid = s.relnamespace
    WHERE w.kind = 'serial'
    UNION ALL
    SELECT w.place, w.privilege, NULL, 'SEQUENCE', format('%I.%I', w.nspname, s.relname),
           has_sequence_privilege($1::name, s.oid, w.privilege)
    FROM wanted w JOIN pg_class s ON s.relnamespace = w.schema AND s.relkind = 'S' WHERE w.kind = 'sequences'
    UNION ALL
    SELECT w.place, w.privilege, NULL, 'FUNCTION', format('%I.%I(%s)', w.nspname, p.proname, oidvectortypes(p.proargtypes)),
           has_function_privilege($1::name, p.oid, w.privilege)
    FROM wanted w
    JOIN pg_proc p ON p.pronamespace = w.schema AND p.proname || '(' || oidvectortypes(p.proargtypes) || ')' = w.object
    WHERE w.kind = 'function'
)
SELECT f.what, f.target, f.shown AS columns, string_agg(f.privilege, ', ' ORDER BY f.privilege) AS privileges,
       string_agg(f.privilege, ', ' ORDER BY f.privilege) FILTER (WHERE NOT f.held) AS missing
FROM found f
GROUP BY f.place, f.what, f.target, f.shown
ORDER BY f.place, f.target
