-- Who may call the publisher.
-- Gives EXECUTE on a function to those who hold a privilege on the queue today, and to nobody else.
CREATE OR REPLACE FUNCTION wavegate.grant_like_queue(p_function regprocedure, p_privilege text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
DECLARE
    v_role text;
BEGIN
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', p_function);
    FOR v_role IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
        FROM pg_class c,
             LATERAL (SELECT * FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner)))
                      UNION ALL
                      SELECT x.* FROM pg_attribute t, aclexplode(t.attacl) x WHERE t.attrelid = c.oid) a
        WHERE c.oid = '{queue}'::regclass AND a.privilege_type = p_privilege
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %s', p_function, v_role);
    END LOOP;
END
$$;
REVOKE ALL ON FUNCTION wavegate.grant_like_queue(regprocedure, text) FROM PUBLIC;

-- A function that stood here before keeps its owner, who calls our helper in its body.
CREATE OR REPLACE FUNCTION wavegate.grant_to_owner(p_function regprocedure, p_helper regprocedure) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', p_helper,
                   (SELECT pg_get_userbyid(p.proowner) FROM pg_proc p WHERE p.oid = p_function));
END
$$;
REVOKE ALL ON FUNCTION wavegate.grant_to_owner(regprocedure, regprocedure) FROM PUBLIC;
