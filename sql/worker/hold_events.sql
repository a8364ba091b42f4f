-- Holds these events ($1) against everybody, so that the next statement sees what was done to them until now: a queue row that the
-- relay gave one of them meanwhile, above all. In order, as everybody locks them.
SELECT count(*) FROM (SELECT FROM rule_webhook_events e WHERE e.event_id = ANY ($1) ORDER BY e.event_id FOR UPDATE) h
