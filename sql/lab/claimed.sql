-- The events that the worker with pid $1 holds right now.
SELECT e.event_id FROM rule_webhook_events e JOIN wavegate.worker w ON e.claimed_by = w.worker_id
WHERE w.pid = $1 AND e.state = 'claimed'
