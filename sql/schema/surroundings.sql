-- What lies around the engine's tables that the steps, a backup or an update of the engine will meet? $1: the engine's schema, $2: the
-- queue's table. Each answer is a list, empty where there is nothing.
WITH RECURSIVE altered AS (
    SELECT c.oid, c.reltype FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname IN ('rule_webhooks', $2) AND c.relkind IN ('r', 'p')
), types (oid) AS (
    -- The row types themselves, arrays and domains of them, and what is made of them.
    SELECT a.reltype FROM altered a
    UNION
    SELECT m.oid FROM types t, LATERAL (
        SELECT y.oid FROM pg_type y WHERE y.typbasetype = t.oid OR y.typelem = t.oid AND y.typcategory = 'A'
        UNION ALL
        SELECT c.reltype FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE a.atttypid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.reltype <> 0
    ) m
), members AS (
    SELECT c.relname::text AS name, e.extname::text AS extension, c.oid = ANY (coalesce(e.extconfig, '{}')) AS dumped
    FROM pg_depend d
    JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND n.nspname = $1 AND c.relname LIKE 'rule\_%'
)
SELECT ARRAY(SELECT format('%s.%I', c.oid::regclass, a.attname)
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             WHERE a.atttypid IN (SELECT t.oid FROM types t) AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm')
             ORDER BY 1) AS row_types,
       ARRAY(SELECT format('%s (%s)', g.tgname, p.oid::regprocedure)
             FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace
             JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace s ON s.oid = c.relnamespace
             JOIN pg_language l ON l.oid = p.prolang
             -- Row, before, insert; a body in C cannot be read.
             WHERE s.nspname = $1 AND c.relname = $2 AND g.tgtype & 7 = 7 AND g.tgenabled <> 'D' AND NOT g.tgisinternal
               AND n.nspname <> 'wavegate' AND (l.lanname IN ('c', 'internal') AND n.nspname <> 'pg_catalog' OR p.prosrc ~* '\mreturn\s+null\M')
             ORDER BY 1) AS swallowing,
       ARRAY(SELECT m.name FROM members m WHERE NOT m.dumped ORDER BY 1) AS undumped,
       ARRAY(SELECT DISTINCT x.extname::text
             FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid JOIN pg_proc p ON p.oid = d.objid
             JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
               AND n.nspname = $1 AND p.proname LIKE 'rule\_%'
             UNION
             SELECT m.extension FROM members m
             ORDER BY 1) AS extensions
