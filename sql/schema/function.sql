-- The function $2 with argument types $3 in schema $1: everything that it takes to put it back.
SELECT format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS signature,
       pg_get_functiondef(p.oid) AS definition,
       pg_get_userbyid(p.proowner)::text AS owner,
       pg_get_function_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS result,
       p.prosecdef AS definer,
       (SELECT jsonb_agg(jsonb_build_object('role', CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END, 'grantable', a.is_grantable))
        FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a) AS grants,
       (SELECT x.extname::text FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e') AS extension
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = $1 AND p.proname = $2 AND oidvectortypes(p.proargtypes) = $3 AND p.prokind = 'f'
