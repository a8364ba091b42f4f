-- What the gates have counted.
-- What the gates have counted since a step began, so that a further look reads only what is new.
-- Events created before counted_to are in these counts, or named in tally_open.
CREATE TABLE IF NOT EXISTS wavegate.tally (
    tally_id         bigserial   PRIMARY KEY,
    migration_id     integer     NOT NULL REFERENCES wavegate.migration ON DELETE CASCADE,
    wave             text        NOT NULL,
    since            timestamptz NOT NULL,
    block_ms         bigint      NOT NULL CHECK (block_ms > 0),
    counted_to       timestamptz NOT NULL,
    queue_counted_to timestamptz NOT NULL,
    UNIQUE (migration_id, wave, since)
);
CREATE TABLE IF NOT EXISTS wavegate.tally_arm (
    tally_id   bigint  NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    webhook_id integer NOT NULL,
    prefers    text    NOT NULL,
    delivered  bigint  NOT NULL,
    dead       bigint  NOT NULL,
    taken_over bigint  NOT NULL,
    two_route  bigint  NOT NULL,
    ripe       bigint  NOT NULL,
    PRIMARY KEY (tally_id, webhook_id, prefers)
);
CREATE TABLE IF NOT EXISTS wavegate.tally_block (
    tally_id bigint  NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    block    integer NOT NULL,
    prefers  text    NOT NULL,
    judged   bigint  NOT NULL,
    failed   bigint  NOT NULL,
    PRIMARY KEY (tally_id, block, prefers)
);
-- Where each webhook's failures lie in time; blocks without one have no row.
CREATE TABLE IF NOT EXISTS wavegate.tally_failure (
    tally_id   bigint  NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    webhook_id integer NOT NULL,
    block      integer NOT NULL,
    prefers    text    NOT NULL,
    failed     bigint  NOT NULL,
    PRIMARY KEY (tally_id, webhook_id, block, prefers)
);
CREATE TABLE IF NOT EXISTS wavegate.tally_latency (
    tally_id bigint   NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    bucket   smallint NOT NULL,
    prefers  text     NOT NULL,
    events   bigint   NOT NULL,
    PRIMARY KEY (tally_id, bucket, prefers)
);
-- Behind the front and without a last word: not ended, or not yet published and seen.
CREATE TABLE IF NOT EXISTS wavegate.tally_open (
    tally_id bigint NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    event_id text   NOT NULL,
    PRIMARY KEY (tally_id, event_id)
);
CREATE TABLE IF NOT EXISTS wavegate.tally_queue (
    tally_id   bigint  NOT NULL REFERENCES wavegate.tally ON DELETE CASCADE,
    webhook_id integer NOT NULL,
    unrouted   bigint  NOT NULL,
    PRIMARY KEY (tally_id, webhook_id)
);
-- What the queue did before the migration began: frozen then, compared with for weeks.
CREATE TABLE IF NOT EXISTS wavegate.baseline (
    migration_id integer  NOT NULL REFERENCES wavegate.migration ON DELETE CASCADE,
    webhook_id   integer  NOT NULL,
    status       text     NOT NULL CHECK (status IN ('success', 'failed')),
    bucket       smallint NOT NULL,
    calls        bigint   NOT NULL,
    PRIMARY KEY (migration_id, webhook_id, status, bucket)
);
