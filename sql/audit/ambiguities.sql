-- Which attempts of events committed from $2 to before $3 (NULL: open) ended without a result, of webhooks $1 (NULL: all)? The
-- newest $4 of them, and how many there are.
SELECT a.event_id, a.call_id, a.webhook_id, a.attempt, a.path, a.worker_id, a.at, count(*) OVER () AS total
FROM wavegate.ambiguous_attempt a
LEFT JOIN rule_webhook_events e ON e.event_id = a.event_id
LEFT JOIN wavegate.queue q ON q.call_id = a.call_id
CROSS JOIN LATERAL (SELECT coalesce(e.created_at, q.created_at, a.at) AS at) born
WHERE ($1::integer[] IS NULL OR a.webhook_id = ANY ($1))
  AND ($2::timestamptz IS NULL OR a.at >= $2 AND born.at >= $2) AND ($3::timestamptz IS NULL OR born.at < $3)
ORDER BY a.id DESC
LIMIT $4
