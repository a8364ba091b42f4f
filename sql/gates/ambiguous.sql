-- How many attempts of these webhooks ended without a result since the step began, so that the event was sent again? $1 webhooks,
-- $2 start of the step, $3 now
SELECT count(*) FILTER (WHERE a.path = 'nats') AS nats, count(*) FILTER (WHERE a.path = 'queue') AS queue
FROM wavegate.ambiguous_attempt a
WHERE a.webhook_id = ANY ($1) AND a.at >= $2 AND a.at <= $3
