-- Does any fence stand?
SELECT EXISTS (SELECT FROM rule_nats_fences)
