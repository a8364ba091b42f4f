-- Existing events against that check.
-- Checks the rows that stood there already.
ALTER TABLE {schema}.rule_webhook_events VALIDATE CONSTRAINT valid_event_state;
