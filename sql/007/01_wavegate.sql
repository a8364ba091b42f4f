-- Our own schema, the journal, the record of steps.
-- Our own schema, the journal, and the record of what each step made, so that revert takes back that and nothing else.
CREATE SCHEMA IF NOT EXISTS wavegate;
-- The functions below check rights themselves; the tables stay closed.
GRANT USAGE ON SCHEMA wavegate TO PUBLIC;
CREATE TABLE IF NOT EXISTS wavegate.schema_step (
    position   integer     PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    text_hash  text        NOT NULL,
    -- [{object, undo}], in the order in which they are to be dropped
    created    jsonb       NOT NULL DEFAULT '[]',
    -- the function that stood there before: definition, owner, grants, extension
    replaced   jsonb,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE IF NOT EXISTS wavegate.journal (
    id           bigserial   PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    who          text        NOT NULL,
    host         text        NOT NULL,
    command      text        NOT NULL,
    step         text        NOT NULL,
    migration_id integer,
    wave         text,
    webhook_id   integer,
    epoch        bigint,
    before       jsonb       NOT NULL DEFAULT '{}',
    after        jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS journal_by_step ON wavegate.journal (step, id);
CREATE OR REPLACE FUNCTION wavegate.keep_journal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'the journal is only ever appended to' USING ERRCODE = 'insufficient_privilege';
END
$$;
DROP TRIGGER IF EXISTS journal_append_only ON wavegate.journal;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON wavegate.journal
FOR EACH STATEMENT EXECUTE FUNCTION wavegate.keep_journal();
-- Relay and workers refuse a version that they do not know. The last step writes it.
CREATE TABLE IF NOT EXISTS wavegate.schema_version (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    version  integer NOT NULL
);
