-- The older check of states goes.
-- Schema version 1 knew no stuck events.
ALTER TABLE {schema}.rule_webhook_events DROP CONSTRAINT IF EXISTS rule_webhook_events_state_check;
