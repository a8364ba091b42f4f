-- Circuits of failing endpoints.
-- One row a webhook, only while its endpoint fails on whichever path: a success takes it away. Until open_until nobody claims the
-- webhook's events; after that one attempt at a time is let through.
CREATE TABLE IF NOT EXISTS wavegate.circuit (
    webhook_id integer     PRIMARY KEY,
    failures   integer     NOT NULL,
    opened_at  timestamptz,
    open_until timestamptz,
    probes     integer     NOT NULL DEFAULT 0,
    probe      bigint,
    last_error text,
    failed_at  timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
COMMENT ON COLUMN wavegate.circuit.failures IS 'failed attempts since the last success, both paths together';
COMMENT ON COLUMN wavegate.circuit.open_until IS 'NULL: closed, still counting';
COMMENT ON COLUMN wavegate.circuit.probe IS 'call id of the attempt that was let through and has no result yet';
