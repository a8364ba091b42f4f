-- What would let others past their rights, or into ours? $1: the engine's schema, $2: the queue's table. Each answer is a list, empty
-- where all is well.
WITH tables AS (
    SELECT c.oid, c.relname::text AS name, c.relrowsecurity OR c.relforcerowsecurity AS policies, c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname IN ('rule_webhooks', $2) AND c.relkind IN ('r', 'p')
), others AS (
    -- Who may create in a schema without owning it.
    SELECT n.nspname::text AS schema, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role
    FROM pg_namespace n, aclexplode(n.nspacl) a
    WHERE n.nspname IN ($1, 'wavegate') AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner
), named AS (
    -- What only a path finds.
    SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'wavegate') AND n.nspname NOT LIKE 'pg\_%' AND c.relkind NOT IN ('i', 'I', 't')
    UNION
    SELECT p.proname::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'wavegate') AND n.nspname NOT LIKE 'pg\_%'
)
SELECT ARRAY(SELECT t.name FROM tables t WHERE t.policies ORDER BY 1) AS policies,
       ARRAY(SELECT DISTINCT format('%s (%s)', r.role, x.privilege_type)
             FROM tables t JOIN pg_attribute c ON c.attrelid = t.oid, aclexplode(c.attacl) x,
                  LATERAL (SELECT CASE x.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END) r (role)
             WHERE t.name = $2 AND x.privilege_type IN ('SELECT', 'INSERT')
               AND NOT has_table_privilege(r.role::name, t.oid, x.privilege_type)
             ORDER BY 1) AS by_column,
       ARRAY(SELECT format('%s on %s (%s)', g.tgname, t.name, p.oid::regprocedure)
             FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid JOIN pg_proc p ON p.oid = g.tgfoid
             JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
             WHERE NOT g.tgisinternal AND n.nspname NOT IN ('pg_catalog', 'wavegate') AND l.lanname NOT IN ('c', 'internal')
               AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search\_path=%')
               AND EXISTS (SELECT FROM regexp_matches(p.prosrc, '(?<![.[:alnum:]_])"?([[:alpha:]_][[:alnum:]_]*)', 'g') AS word
                           JOIN named o ON o.name IN (word[1], lower(word[1])))
             ORDER BY 1) AS pathless,
       ARRAY(SELECT DISTINCT o.role FROM others o WHERE o.schema = 'wavegate'
             UNION
             SELECT pg_get_userbyid(n.nspowner)::text FROM pg_namespace n
             WHERE n.nspname = 'wavegate' AND NOT pg_has_role(n.nspowner, 'USAGE') AND to_regclass('wavegate.schema_step') IS NULL
             ORDER BY 1) AS in_ours,
       ARRAY(SELECT DISTINCT o.role FROM others o WHERE o.schema = $1 ORDER BY 1) AS in_engines,
       ARRAY(SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname = $1 AND p.proname IN ('rule_webhook_call_status', 'rule_webhook_retry') AND p.prosecdef
             ORDER BY 1) AS definers
