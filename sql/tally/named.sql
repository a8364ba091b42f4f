-- Which events has tally $1 named? Those without a last word, and (with what they were counted as) the dead that were
-- requeued since.
SELECT o.event_id, NULL::integer AS webhook_id, NULL::integer AS class FROM wavegate.tally_open o WHERE o.tally_id = $1
UNION ALL
SELECT d.event_id, d.webhook_id, d.class
FROM rule_webhook_events e JOIN wavegate.tally_dead d ON d.event_id = e.event_id AND d.tally_id = $1
WHERE e.requeued
