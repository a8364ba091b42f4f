-- Attempts without a result.
-- An attempt whose worker died, or lost its claim, before it recorded a result: the endpoint may have had it, and the event is
-- sent again. Written by the claim that takes over. event_id is NULL for queue rows without one.
CREATE TABLE IF NOT EXISTS wavegate.ambiguous_attempt (
    id         bigserial   PRIMARY KEY,
    event_id   text,
    call_id    bigint      NOT NULL,
    webhook_id integer     NOT NULL,
    attempt    integer     NOT NULL,
    path       text        NOT NULL CHECK (path IN ('queue', 'nats')),
    -- NULL: a worker that is not ours
    worker_id  text,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS ambiguous_attempt_by_webhook ON wavegate.ambiguous_attempt (webhook_id, at);
