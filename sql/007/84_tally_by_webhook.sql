-- What the gates have counted, by webhook.
-- Of 49_tally an earlier version alone reads and writes tally_block, tally_failure, tally_queue and queue_counted_to;
-- counted_to says when somebody looked last. The front of a tally is a number of an event and no time: events below it
-- are counted, or named in tally_open. 0: nothing is. next_seq becomes the front once no transaction older than
-- next_xid runs: whoever has drawn a smaller number has ended then.
ALTER TABLE wavegate.tally
    ADD COLUMN IF NOT EXISTS counted_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS next_seq    bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS next_xid    bigint NOT NULL DEFAULT 0;
ALTER TABLE wavegate.tally_arm
    ADD COLUMN IF NOT EXISTS compared bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS altered  bigint NOT NULL DEFAULT 0;
-- One arm of one webhook: its blocks of time, and how long its deliveries took from the moment that they were first
-- due.
CREATE TABLE IF NOT EXISTS wavegate.tally_course (
    tally_id   bigint     NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    webhook_id integer    NOT NULL,
    prefers    text       NOT NULL,
    blocks     integer[]  NOT NULL,
    judged     bigint[]   NOT NULL,
    failed     bigint[]   NOT NULL,
    buckets    smallint[] NOT NULL,
    events     bigint[]   NOT NULL,
    PRIMARY KEY (tally_id, webhook_id, prefers)
);
-- Which number comes next, and then, not before: a transaction that is newer than any that drew a smaller one, since
-- that had a number of its own before (wavegate.publish). To be asked in a transaction of its own: it takes its number
-- here. A snapshot's xmax would not do: PostgreSQL gives out an older snapshot again as long as no transaction has
-- ended.
CREATE OR REPLACE FUNCTION wavegate.born(OUT next_seq bigint, OUT next_xid bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    IF txid_current_if_assigned() IS NOT NULL THEN
        RAISE EXCEPTION 'wavegate.born wants a transaction that has written nothing yet';
    END IF;
    SELECT s.last_value + s.is_called::integer INTO next_seq FROM {schema}.rule_webhook_events_seq_seq s;
    next_xid := txid_current();
END
$$;
-- The newest row of the queue when the wave entered its step; NULL: it entered before this column was there.
ALTER TABLE wavegate.wave ADD COLUMN IF NOT EXISTS entered_call bigint;
