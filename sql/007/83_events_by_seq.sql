-- Index: events by number.
-- A look of the gates reads what is new since the last one, whatever its time stamps say. Events are written in the
-- order of their numbers, so that a few numbers for each stretch of pages are enough: callers write next to nothing for
-- it.
CREATE INDEX CONCURRENTLY wavegate_events_by_seq ON {schema}.rule_webhook_events USING brin (seq)
    WITH (pages_per_range = 32, autosummarize = on)
