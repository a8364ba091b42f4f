-- NULL arguments are answered as before.
-- An engine's function that was taken over before this step lost its STRICT: callers that passed NULL and got NULL were aborted.
DO $do$
DECLARE
    v_signature text;
BEGIN
    FOR v_signature IN
        SELECT s.replaced ->> 'signature' FROM wavegate.schema_step s
        WHERE split_part(s.replaced ->> 'definition', E'\nAS ', 1) ~ '\n [^\n]*\mSTRICT\M'
          AND to_regprocedure(s.replaced ->> 'signature') IS NOT NULL
    LOOP
        EXECUTE format('ALTER FUNCTION %s STRICT', v_signature);
    END LOOP;
END
$do$;
