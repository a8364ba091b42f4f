-- The webhooks of a lab; fails where the lab's own table is missing, which is the point.
SELECT webhook_id, webhook_name FROM rule_webhooks WHERE (SELECT count(*) FROM lab.emitted WHERE number < 0) = 0
