-- Before anything else: names are looked up in PostgreSQL's own schema and in ours, where nobody else may create. Says which schemas
-- this role would have looked in.
SELECT pg_catalog.current_schemas(true)::pg_catalog.text[], pg_catalog.set_config('search_path', 'pg_catalog, wavegate, pg_temp', false)
