-- What an event may be, as a check.
-- `stuck`: set aside by name, sent by nobody until a person decides. Not an inline check of the ledger: it grew.
ALTER TABLE {schema}.rule_webhook_events ADD CONSTRAINT valid_event_state
    CHECK (state IN ('open', 'claimed', 'retrying', 'delivered', 'dead', 'stuck')) NOT VALID;
