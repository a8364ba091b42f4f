-- Another relay published these for our own workers, and foreign ones have them now: their acknowledgements count, too.
INSERT INTO wavegate.unseen (event_id, stream_seq)
SELECT e.event_id, e.stream_seq
FROM rule_webhook_events e
WHERE NOT e.ended AND e.stream_seq IS NOT NULL AND e.nats_seen_at IS NULL
ON CONFLICT DO NOTHING
