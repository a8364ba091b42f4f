-- When did the consumer $1 last tell what it has done?
SELECT max(s.last_active_at) FROM rule_nats_consumer_stats s WHERE s.consumer_name = $1
