-- Callers' ids, foreign results, heartbeats.
-- Ids that callers chose, in every mode: the same id twice is one event.
CREATE TABLE IF NOT EXISTS wavegate.event_ids (
    event_id   text        PRIMARY KEY,
    call_id    bigint      NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Retention walks along it; new rows go to its right edge, so that it costs callers next to nothing.
CREATE INDEX IF NOT EXISTS event_ids_by_time ON wavegate.event_ids (created_at);

-- What other people did to queue rows of two-route events: appended by trigger, applied by the sweeper.
-- status: success, failed, requeued, deleted; truncated has no event.
CREATE TABLE IF NOT EXISTS wavegate.foreign_results (
    id          bigserial   PRIMARY KEY,
    event_id    text,
    call_id     bigint,
    status      text        NOT NULL CHECK (status IN ('success', 'failed', 'requeued', 'deleted', 'truncated')),
    http_status integer,
    error       text,
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX IF NOT EXISTS foreign_results_by_event ON wavegate.foreign_results (event_id);

-- Heartbeats. Readers judge liveness by seen_at alone.
CREATE TABLE IF NOT EXISTS wavegate.relay (
    relay_id      text        PRIMARY KEY,
    host          text        NOT NULL,
    pid           integer     NOT NULL,
    started_at    timestamptz NOT NULL,
    seen_at       timestamptz NOT NULL,
    -- the partitions (webhook_id modulo 8) that it publishes now
    partitions    integer[]   NOT NULL DEFAULT '{}',
    published     bigint      NOT NULL DEFAULT 0,
    failed        bigint      NOT NULL DEFAULT 0,
    lag_ms        bigint,
    rate          double precision,
    last_ack_at   timestamptz,
    last_error    text,
    last_error_at timestamptz,
    -- the durable whose acknowledgements it counts as deliveries, where foreign workers deliver
    foreign_consumer text,
    stopped_at    timestamptz
);
CREATE TABLE IF NOT EXISTS wavegate.worker (
    worker_id  text        PRIMARY KEY,
    path       text        NOT NULL CHECK (path IN ('queue', 'nats')),
    host       text        NOT NULL,
    pid        integer     NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    claimed    bigint      NOT NULL DEFAULT 0,
    delivered  bigint      NOT NULL DEFAULT 0,
    failed     bigint      NOT NULL DEFAULT 0,
    acked      bigint      NOT NULL DEFAULT 0,
    in_flight  integer     NOT NULL DEFAULT 0,
    rss_bytes  bigint,
    last_error text,
    stopped_at timestamptz
);
-- When each path last claimed an event of a webhook; flushed about once a second. Decides takeovers.
CREATE TABLE IF NOT EXISTS wavegate.path_activity (
    webhook_id integer     NOT NULL,
    path       text        NOT NULL,
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (webhook_id, path)
);
CREATE SEQUENCE IF NOT EXISTS wavegate.event_number CACHE 32;
