-- A queue row's event and claim.
-- What links a queue row to its event, and our claim on it.
-- two_route marks a row whose event NATS carries too; NULL is no.
ALTER TABLE {schema}.{queue}
    ADD COLUMN IF NOT EXISTS event_id text,
    ADD COLUMN IF NOT EXISTS two_route boolean,
    ADD COLUMN IF NOT EXISTS claimed_by text,
    ADD COLUMN IF NOT EXISTS lease_until timestamptz;
