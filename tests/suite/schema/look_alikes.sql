-- Plants in public, as whoever runs this, a look-alike of every operator and function that our SQL could mean: whatever PostgreSQL
-- finds for these types without an exact match of its own is there exactly. Each counts its call in a sequence, which no rollback
-- undoes, and raises. {names}: the names of functions that our SQL calls.
CREATE SEQUENCE public.look_alikes_called;
GRANT ALL ON SEQUENCE public.look_alikes_called TO PUBLIC;
SET search_path = pg_catalog;
SET client_min_messages = warning;
DO $plant$
DECLARE
    types CONSTANT text[] := '{int2,int4,int8,float8,numeric,text,name,varchar,"\"char\"",timestamptz,timestamp,date,interval,bool,jsonb,json,bytea,oid,regclass,uuid,text[],int4[],int8[],bool[],timestamptz[],name[],regproc,xid}';
    wide CONSTANT jsonb := '{"int8": ["int2","int4"], "int4": ["int2"], "numeric": ["int2","int4","int8"], "float8": ["int2","int4","int8","numeric","float4"],
        "text": ["name","varchar","\"char\""], "timestamptz": ["date","timestamp"], "oid": ["int4","regclass","regproc"], "regclass": ["text"], "interval": []}';
    variants text[];
    more text[];
    body text;
    f record;
    o record;
    found text;
    l text;
    r text;
    v text;
    t text;
    a text;
    made integer := 0;
BEGIN
    FOR o IN SELECT DISTINCT oprname, oprleft <> 0 AS binary FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace
             AND oprname IN ('=','<>','<','<=','>','>=','+','-','*','/','%','||','~','!~','~*','!~*','~~','!~~','~~*','&','|','->','->>','#>','#>>','?','@>','<@','&&','^','@','<<','>>')
    LOOP
        FOREACH r IN ARRAY types LOOP
            FOREACH l IN ARRAY CASE WHEN o.binary THEN types ELSE '{NULL}'::text[] END LOOP
                BEGIN
                    EXECUTE format('SELECT pg_typeof(%s OPERATOR(pg_catalog.%s) NULL::%s)::text', 'NULL::' || l, o.oprname, r) INTO found;
                EXCEPTION WHEN OTHERS THEN found := NULL;
                END;
                CONTINUE WHEN found IS NULL OR EXISTS (
                    SELECT FROM pg_operator x WHERE x.oprnamespace = 'pg_catalog'::regnamespace AND x.oprname = o.oprname
                    AND x.oprleft = coalesce(to_regtype(l)::oid, 0) AND x.oprright = to_regtype(r));
                made := made + 1;
                body := format('BEGIN PERFORM pg_catalog.nextval(''public.look_alikes_called''); RAISE EXCEPTION USING MESSAGE = %L; END', 'a look-alike was called: ' || coalesce(l, '') || ' ' || o.oprname || ' ' || r);
                EXECUTE format('CREATE FUNCTION public.look_alike_%s(%s) RETURNS %s LANGUAGE plpgsql IMMUTABLE AS %L', made, concat_ws(', ', l, r), found, body);
                EXECUTE format('CREATE OPERATOR public.%s (%sRIGHTARG = %s, FUNCTION = public.look_alike_%s)', o.oprname, 'LEFTARG = ' || l || ', ', r, made);
            END LOOP;
        END LOOP;
    END LOOP;
    FOR f IN SELECT p.oid, p.proname, p.proretset, p.prokind, CASE WHEN t.typtype <> 'p' OR t.typname = 'record' THEN format_type(t.oid, NULL) END AS fixed, p.provariadic::regtype::text AS variadic, ARRAY(SELECT format_type(x.t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY x (t, n) ORDER BY n) AS args
             FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY ('{names}'::text[]) AND p.pronargs BETWEEN 1 AND 5
    LOOP
        variants := '{""}';
        -- Each argument in every type that would come there without an exact match.
        FOR a, t IN SELECT x.n::text, CASE x.t WHEN 'smallint' THEN 'int2' WHEN 'integer' THEN 'int4' WHEN 'bigint' THEN 'int8' WHEN 'double precision' THEN 'float8'
                              WHEN 'timestamp with time zone' THEN 'timestamptz' ELSE x.t END
                    FROM unnest(f.args) WITH ORDINALITY x (t, n) ORDER BY n LOOP
            SELECT array_agg(w) INTO more FROM (
                SELECT w FROM unnest(CASE
                    WHEN t IN ('anyelement', 'anynonarray', '"any"', 'anycompatible') THEN '{int2,int4,int8,float8,numeric,text,timestamptz,bool,jsonb,bytea}'::text[]
                    WHEN t IN ('anyarray', 'anycompatiblearray') THEN '{int4[],int8[],text[],bool[],timestamptz[],name[]}'::text[]
                    WHEN t LIKE 'any%' THEN '{}'::text[]
                    -- text: what a bare literal would rather be.
                    ELSE t || ARRAY(SELECT jsonb_array_elements_text(wide -> t) UNION SELECT 'text') END) w) w;
            SELECT coalesce(array_agg(concat_ws(';', nullif(x, ''), w)), '{}') INTO variants
            FROM (SELECT x, w FROM unnest(variants) x, unnest(more) w LIMIT 400) y;
        END LOOP;
        -- VARIADIC "any": one to three of the commonest.
        IF f.variadic = '"any"' THEN
            SELECT variants || array_agg(x || ';' || w) INTO variants FROM unnest(variants) x, unnest('{text,int4,int8,jsonb,timestamptz,text;text,text;int4,int4;text,text;jsonb,text;int8}'::text[]) w;
        END IF;
        FOREACH v IN ARRAY variants LOOP
            CONTINUE WHEN v = '';
            found := f.fixed;
            IF found IS NULL THEN BEGIN
                EXECUTE format('SELECT pg_typeof(pg_catalog.%I(%s))::text', f.proname, (SELECT string_agg('NULL::' || x, ', ') FROM unnest(string_to_array(v, ';')) x)) INTO found;
            EXCEPTION WHEN OTHERS THEN found := NULL;
            END; END IF;
            IF f.proretset AND found IS NULL THEN
                found := CASE WHEN (SELECT p.prorettype::regtype::text FROM pg_proc p WHERE p.oid = f.oid) LIKE 'any%' THEN replace(split_part(v, ';', 1), '[]', '')
                              ELSE (SELECT p.prorettype::regtype::text FROM pg_proc p WHERE p.oid = f.oid) END;
            END IF;
            CONTINUE WHEN found IS NULL OR found LIKE 'any%' OR to_regprocedure(format('pg_catalog.%I(%s)', f.proname, replace(v, ';', ','))) IS NOT NULL
                OR to_regprocedure(format('public.%I(%s)', f.proname, replace(v, ';', ','))) IS NOT NULL;
            made := made + 1;
            body := format('BEGIN PERFORM pg_catalog.nextval(''public.look_alikes_called''); RAISE EXCEPTION USING MESSAGE = %L; END', 'a look-alike was called: ' || f.proname || '(' || v || ')');
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s%s LANGUAGE plpgsql IMMUTABLE AS %L', f.proname, replace(v, ';', ','), CASE WHEN f.proretset THEN 'SETOF ' ELSE '' END, found, body);
        END LOOP;
    END LOOP;
    RAISE WARNING '% look-alikes', made;
END
$plant$;
