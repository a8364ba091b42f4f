-- Who may call the publisher.
-- Gives EXECUTE on a function to those who hold a privilege on the whole queue today, and to nobody else: who holds it on some columns
-- may not see or write the others through a function either.
CREATE OR REPLACE FUNCTION wavegate.grant_like_queue(p_function regprocedure, p_privilege text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    v_role text;
BEGIN
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', p_function);
    FOR v_role IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        WHERE c.oid = '{schema}.{queue}'::regclass AND a.privilege_type = p_privilege
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', p_function, v_role);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION wavegate.grant_like_queue(regprocedure, text) FROM PUBLIC;

-- A function that stood here before keeps its owner, who calls our helper in its body.
CREATE OR REPLACE FUNCTION wavegate.grant_to_owner(p_function regprocedure, p_helper regprocedure) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', p_helper,
                   (SELECT pg_get_userbyid(p.proowner) FROM pg_proc p WHERE p.oid = p_function));
END
$$;
REVOKE ALL ON FUNCTION wavegate.grant_to_owner(regprocedure, regprocedure) FROM PUBLIC;
