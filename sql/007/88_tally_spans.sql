-- What the gates have counted, by spans of blocks.
-- Of 84_tally_by_webhook an earlier version alone writes blocks, judged and failed of tally_course. Blocks lie in
-- tally_span, so that a look writes no more than its newest spans. They are kept as far as spans_seq: where counted_seq
-- is another one, an earlier version has looked since, and the tally begins anew.
ALTER TABLE wavegate.tally ADD COLUMN IF NOT EXISTS spans_seq bigint NOT NULL DEFAULT 0;
-- 64 blocks of one arm of one webhook. cells: for each block that has events by how much its number is above the one
-- before it (the first: above the first of the span), judged, failed; seven bits in each byte, the lowest first, and the
-- eighth where more follow.
CREATE TABLE IF NOT EXISTS wavegate.tally_span (
    tally_id   bigint  NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    span       integer NOT NULL,
    webhook_id integer NOT NULL,
    prefers    text    NOT NULL,
    cells      bytea   NOT NULL,
    PRIMARY KEY (tally_id, span, webhook_id, prefers)
);
-- What the blocks before border come to, which are not expected to change. Worked out of tally_span, and again where
-- basis (the webhooks that count, and what is open before the border) or rates (what the queue did before the step) are
-- others. pooled: as cells, of all webhooks: judged, failed and undelivered of NATS, then of the queue.
CREATE TABLE IF NOT EXISTS wavegate.tally_closed (
    tally_id bigint   PRIMARY KEY REFERENCES wavegate.tally ON DELETE CASCADE,
    border   integer  NOT NULL,
    basis    bytea    NOT NULL,
    rates    bytea,
    pooled   bytea    NOT NULL,
    for_pass float8[] NOT NULL,
    for_fail float8[] NOT NULL
);
CREATE TABLE IF NOT EXISTS wavegate.tally_closed_course (
    tally_id   bigint  NOT NULL REFERENCES wavegate.tally_closed ON DELETE CASCADE,
    webhook_id integer NOT NULL,
    course     text    NOT NULL,
    PRIMARY KEY (tally_id, webhook_id)
);
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
        EXECUTE format('GRANT %s ON wavegate.tally_span, wavegate.tally_closed, wavegate.tally_closed_course TO %s', v.privilege, v.role);
    END LOOP;
END
$do$;
