-- What is the payload of event $1 or of call $2?
SELECT coalesce((SELECT o.payload FROM rule_nats_outbox o WHERE o.event_id = $1),
                (SELECT q.payload FROM wavegate.queue q WHERE q.event_id = $1 OR q.call_id = $2 LIMIT 1))::text
