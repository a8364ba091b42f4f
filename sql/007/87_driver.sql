-- Who drives the migration, and what its guard has seen.
-- At most one row: the `run` that drives. It says so every second; one that has not said so for some seconds is frozen or gone, and
-- another takes over.
CREATE TABLE IF NOT EXISTS wavegate.driver (
    only_one  boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
    driver_id bigint      NOT NULL,
    who       text        NOT NULL,
    host      text        NOT NULL,
    command   text        NOT NULL,
    since     timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- How often in a row each gate that the guard watches has failed, in the step that the wave entered at `since`.
CREATE TABLE IF NOT EXISTS wavegate.guard (
    migration_id integer     NOT NULL REFERENCES wavegate.migration ON DELETE CASCADE,
    wave         text        NOT NULL,
    gate         text        NOT NULL,
    since        timestamptz NOT NULL,
    fails        integer     NOT NULL,
    looked_at    timestamptz NOT NULL,
    PRIMARY KEY (migration_id, wave, gate)
);
DO $do$
DECLARE
    v record;
BEGIN
    -- Who operates (writes the journal) drives too; who carries events tells when the guard last looked.
    FOR v IN
        SELECT DISTINCT r.wants, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role
        FROM (VALUES ('journal', 'INSERT', 'SELECT, INSERT, UPDATE, DELETE'), ('worker', 'INSERT', 'SELECT'),
                     ('circuit', 'SELECT', 'SELECT')) AS r (has_on, has, wants)
        JOIN pg_class c ON c.relname = r.has_on AND c.relnamespace = 'wavegate'::regnamespace
        CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE a.privilege_type = r.has
    LOOP
        EXECUTE format('GRANT %s ON wavegate.driver, wavegate.guard TO %s', v.wants, v.role);
    END LOOP;
END
$do$;
