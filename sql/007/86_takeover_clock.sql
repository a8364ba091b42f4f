-- When circuits closed.
-- One row a webhook whose circuit was open once. While a circuit is open, and until a takeover time after it closed,
-- neither path takes over what the other one prefers: whoever happens to be tried first after an outage is not the
-- better one for it.
CREATE TABLE IF NOT EXISTS wavegate.circuit_closed (
    webhook_id integer     PRIMARY KEY,
    closed_at  timestamptz NOT NULL
) WITH (fillfactor = 50);
CREATE OR REPLACE VIEW wavegate.outage AS
SELECT c.webhook_id, c.open_until AS until FROM wavegate.circuit c WHERE c.open_until IS NOT NULL
UNION ALL
SELECT n.webhook_id, n.closed_at FROM wavegate.circuit_closed n;
COMMENT ON VIEW wavegate.outage IS 'until when the time of takeover stood still';
