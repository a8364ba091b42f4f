-- Ledger, outbox and fences.
-- The ledger: one narrow row for each event that NATS may carry, written at birth. No foreign keys:
-- it outlives webhook, queue row, outbox row and every copy in the stream.
CREATE TABLE IF NOT EXISTS {schema}.rule_webhook_events (
    seq            bigserial   NOT NULL,
    event_id       text        PRIMARY KEY,
    webhook_id     integer     NOT NULL,
    epoch          bigint      NOT NULL,
    call_id        bigint      NOT NULL,
    two_route      boolean     NOT NULL,
    has_queue_row  boolean     NOT NULL,
    prefers        text        NOT NULL CHECK (prefers IN ('queue', 'nats')),
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- 70_event_state says which there are.
    state          text        NOT NULL DEFAULT 'open',
    path           text        CHECK (path IN ('queue', 'nats')),
    attempt        integer     NOT NULL DEFAULT 0,
    due_at         timestamptz NOT NULL,
    lease_until    timestamptz,
    claimed_by     text,
    published_at   timestamptz,
    publish_count  integer     NOT NULL DEFAULT 0,
    stream_seq     bigint,
    void_reason    text,
    nats_seen_at   timestamptz,
    seen_count     integer     NOT NULL DEFAULT 0,
    delivered_at   timestamptz,
    http_status    integer,
    error          text,
    discarded_at   timestamptz,
    -- Indexes ask these and not the state: a claim then changes no index (a heap-only update).
    ended          boolean     GENERATED ALWAYS AS (state IN ('delivered', 'dead')) STORED,
    dead           boolean     GENERATED ALWAYS AS (state = 'dead') STORED
-- Half of a page is free, so that the versions of a row find room beside it when a whole page is published or claimed at once.
) WITH (fillfactor = 50);
COMMENT ON COLUMN {schema}.rule_webhook_events.path IS 'who claimed or delivered last: queue or nats';
COMMENT ON COLUMN {schema}.rule_webhook_events.due_at IS 'the event may be attempted from then on';
COMMENT ON COLUMN {schema}.rule_webhook_events.void_reason IS 'why NATS can never carry it; the queue delivers it then';
COMMENT ON COLUMN {schema}.rule_webhook_events.nats_seen_at IS 'when a NATS worker first saw its message';
COMMENT ON COLUMN {schema}.rule_webhook_events.discarded_at IS 'when somebody gave a dead event up; its payload is gone';
COMMENT ON COLUMN {schema}.rule_webhook_events.seen_count IS 'publish_count of the newest copy that a NATS worker saw';

-- Payload, headers, subject and config of a ledger event, written once, deleted once delivered and published.
CREATE TABLE IF NOT EXISTS {schema}.rule_nats_outbox (
    event_id   text        PRIMARY KEY,
    webhook_id integer     NOT NULL,
    subject    text        NOT NULL,
    config_id  integer,
    payload    jsonb       NOT NULL,
    headers    jsonb       NOT NULL DEFAULT '{}',
    rule_name  text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What the event was born with, and what was sent: sha256 of the payload's text in UTF-8. NULL: born before, or not sent yet. Here and not
-- in a later step: callers publish all the time, and the publisher writes them.
ALTER TABLE {schema}.rule_webhook_events
    ADD COLUMN IF NOT EXISTS payload_digest bytea,
    ADD COLUMN IF NOT EXISTS sent_digest    bytea;
-- When an event that its caller scheduled was first due; NULL: at birth. When it first died, whatever became of it later, and whether it was
-- requeued after that.
ALTER TABLE {schema}.rule_webhook_events
    ADD COLUMN IF NOT EXISTS first_due_at timestamptz,
    ADD COLUMN IF NOT EXISTS died_at      timestamptz,
    ADD COLUMN IF NOT EXISTS requeued     boolean;
-- Bytes of the payload's text, so that reads are bounded; NULL: born before, or a text that PostgreSQL cannot make.
ALTER TABLE {schema}.rule_nats_outbox
    ADD COLUMN IF NOT EXISTS payload_bytes integer;

-- A row here forbids the NATS path to deliver this webhook's events.
CREATE TABLE IF NOT EXISTS {schema}.rule_nats_fences (
    webhook_id integer     PRIMARY KEY,
    set_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by     text        NOT NULL DEFAULT session_user,
    reason     text
);

-- A row for each event that is neither published nor void: written with it, gone with the statement that changes that. By
-- partition, webhook_id modulo 8: several relays read side by side, and none reads what is another one's. A table and no
-- partial index on the ledger: then publishing changes no index of the ledger.
CREATE TABLE IF NOT EXISTS wavegate.unpublished (
    partition  integer NOT NULL,
    seq        bigint  NOT NULL,
    event_id   text    NOT NULL,
    webhook_id integer NOT NULL,
    config_id  integer,
    PRIMARY KEY (partition, seq)
);

-- A re-drive asks for those without a queue row, twice a second while a fence stands.
CREATE INDEX IF NOT EXISTS wavegate_events_undelivered ON {schema}.rule_webhook_events (webhook_id, has_queue_row, due_at) WHERE NOT ended;
-- What NATS can never carry and the queue has not got yet; empty as a rule.
CREATE INDEX IF NOT EXISTS wavegate_events_void ON {schema}.rule_webhook_events (webhook_id)
    WHERE void_reason IS NOT NULL AND NOT has_queue_row AND NOT ended;
CREATE INDEX IF NOT EXISTS wavegate_events_dead ON {schema}.rule_webhook_events (event_id) WHERE dead AND discarded_at IS NULL;
CREATE INDEX IF NOT EXISTS wavegate_events_by_webhook ON {schema}.rule_webhook_events (webhook_id, created_at);
CREATE UNIQUE INDEX IF NOT EXISTS wavegate_events_call ON {schema}.rule_webhook_events (call_id);
