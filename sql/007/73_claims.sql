-- Claims that last longer than their rows can say, and what is set aside.
-- A claim whose result cannot be written yet, because somebody has locked its row, or whose lease could not be renewed for the same
-- reason: it lives until then all the same. Written by the worker that holds it, and by nobody else. Empty as a rule.
CREATE TABLE IF NOT EXISTS wavegate.held (
    call_id   bigint      PRIMARY KEY,
    attempt   integer     NOT NULL,
    worker_id text        NOT NULL,
    until     timestamptz NOT NULL
);

-- What cannot be read, sent or written whatever is tried: set aside, sent by nobody until a person decides.
CREATE TABLE IF NOT EXISTS wavegate.stuck (
    call_id     bigint      PRIMARY KEY,
    -- NULL: a plain queue row
    event_id    text,
    webhook_id  integer     NOT NULL,
    -- what could not be done with it
    what        text        NOT NULL CHECK (what IN ('read', 'publish', 'claim', 'record')),
    reason      text        NOT NULL,
    -- record: whether the endpoint took the event, and what it answered
    delivered   boolean     NOT NULL DEFAULT false,
    http_status integer,
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX IF NOT EXISTS stuck_by_webhook ON wavegate.stuck (webhook_id);

-- The attempt has a result all the same: a kept connection was closed before an answer began, and the call was made again at once.
ALTER TABLE wavegate.ambiguous_attempt ADD COLUMN IF NOT EXISTS resent boolean NOT NULL DEFAULT false;

-- How long a webhook waits after this attempt, in ms: its own settings, whatever they are, and a day at most.
CREATE OR REPLACE FUNCTION wavegate.backoff_ms(delay_ms integer, multiplier numeric, attempt integer) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    -- NaN is greater than every number. The bounds keep the power within what a double can hold.
    SELECT least(greatest(coalesce(delay_ms, 1000), 0)::float8
                 * greatest(least(coalesce(multiplier, 2), 1000::numeric), 0.001)::float8 ^ least(greatest(attempt - 1, 0), 90)::float8,
                 86400000::float8)
$$;
