-- How many calls of these webhooks ($1; NULL: all), committed from $2 to before $3 (NULL: open), has the queue alone, and how
-- many of them are over?
SELECT count(*) AS committed,
       count(*) FILTER (WHERE q.status = 'success') AS delivered,
       count(*) FILTER (WHERE q.status = 'failed') AS dead
FROM wavegate.queue q
WHERE ($1::integer[] IS NULL OR q.webhook_id = ANY ($1))
  AND ($2::timestamptz IS NULL OR q.created_at >= $2) AND ($3::timestamptz IS NULL OR q.created_at < $3)
  AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = q.event_id)
