-- Plans, waves, gates and the lock.
-- The state of a migration, in the same database, so that state and flips commit together.
CREATE TABLE IF NOT EXISTS wavegate.migration (
    migration_id serial      PRIMARY KEY,
    name         text        NOT NULL UNIQUE,
    plan         text        NOT NULL,
    plan_hash    text        NOT NULL,
    status       text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'finished', 'abandoned')),
    started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_by   text        NOT NULL DEFAULT session_user,
    finished_at  timestamptz
);
CREATE TABLE IF NOT EXISTS wavegate.wave (
    migration_id integer     NOT NULL REFERENCES wavegate.migration ON DELETE CASCADE,
    position     integer     NOT NULL,
    name         text        NOT NULL,
    step         text        NOT NULL DEFAULT 'pending'
                             CHECK (step IN ('pending', 'hybrid', 'nats', 'finished', 'rolled_back')),
    share        smallint    NOT NULL DEFAULT 0 CHECK (share BETWEEN 0 AND 100),
    attempt      integer     NOT NULL DEFAULT 1,
    entered_at   timestamptz,
    PRIMARY KEY (migration_id, position),
    UNIQUE (migration_id, name)
);
CREATE TABLE IF NOT EXISTS wavegate.member (
    migration_id integer NOT NULL REFERENCES wavegate.migration ON DELETE CASCADE,
    webhook_id   integer NOT NULL,
    position     integer NOT NULL,
    webhook_name text    NOT NULL,
    -- publish_mode, nats_enabled, nats_subject, nats_config_id, nats_share as first found
    found        jsonb   NOT NULL,
    PRIMARY KEY (migration_id, webhook_id)
);
CREATE INDEX IF NOT EXISTS member_by_wave ON wavegate.member (migration_id, position);
CREATE TABLE IF NOT EXISTS wavegate.gate_result (
    id           bigserial   PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    migration_id integer,
    wave         text,
    step         text        NOT NULL,
    gate         text        NOT NULL,
    verdict      text        NOT NULL CHECK (verdict IN ('pass', 'fail', 'inconclusive')),
    reason       text        NOT NULL,
    inputs       jsonb       NOT NULL
);
CREATE INDEX IF NOT EXISTS gate_result_by_wave ON wavegate.gate_result (migration_id, wave, id);
-- At most one row: who carries out a change right now. Beside it, the holder keeps a session advisory lock.
CREATE TABLE IF NOT EXISTS wavegate.lock (
    only_one    boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
    lock_id     bigint      NOT NULL,
    who         text        NOT NULL,
    host        text        NOT NULL,
    command     text        NOT NULL,
    backend_pid integer     NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE SEQUENCE IF NOT EXISTS wavegate.lock_number;
