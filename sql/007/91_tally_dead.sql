-- What the gates have counted of the dead, and latencies in few bytes.
-- An event that is dead has its last word, unless it is requeued: which ones were counted as dead, and as what. class: a
-- bit for each thing that was so, as src/store/tally/group.rs reads them.
-- They are named as far as dead_seq: where counted_seq is another one, an earlier version has looked since, and the tally
-- begins anew; spans_seq tells such a version the same.
ALTER TABLE wavegate.tally ADD COLUMN IF NOT EXISTS dead_seq bigint NOT NULL DEFAULT 0;
CREATE TABLE IF NOT EXISTS wavegate.tally_dead (
    tally_id   bigint  NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    event_id   text    NOT NULL,
    webhook_id integer NOT NULL,
    class      integer NOT NULL,
    PRIMARY KEY (tally_id, event_id)
);
-- latencies: for each bucket that has events by how much its number is above the one before it (the first: above 0), and
-- how many; in bytes as tally_span.cells. NULL: an earlier version wrote buckets and events, which are empty else.
ALTER TABLE wavegate.tally_course ADD COLUMN IF NOT EXISTS latencies bytea;
DO $do$
DECLARE
    v record;
BEGIN
    -- Who may use what gates have counted by webhook may use this too.
    FOR v IN
        SELECT DISTINCT a.privilege_type AS privilege, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
        WHERE c.oid = 'wavegate.tally_course'::regclass
    LOOP
        EXECUTE format('GRANT %s ON wavegate.tally_dead TO %s', v.privilege, v.role);
    END LOOP;
END
$do$;
