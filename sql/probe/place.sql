-- How far did the probe event $1 come? logged: the relay has written its history, so the webhook may go.
SELECT e.published_at IS NOT NULL AS published, e.nats_seen_at IS NOT NULL AS seen, e.state, e.attempt, e.http_status, e.error,
       e.void_reason,
       EXISTS (SELECT FROM rule_nats_publish_history h WHERE h.webhook_id = e.webhook_id) AS logged
FROM rule_webhook_events e
WHERE e.event_id = $1
