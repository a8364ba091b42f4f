-- Within how many milliseconds did 95 of 100 delivered calls of the last days arrive? $1 webhooks, $2 since, $3 until.
SELECT percentile_disc(0.95) WITHIN GROUP (ORDER BY (extract(epoch FROM q.completed_at - q.created_at) * 1000)::float8)
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($1) AND q.created_at >= $2 AND q.created_at < $3 AND q.status = 'success' AND isfinite(q.completed_at)
