-- Which of these webhooks' newest successes of the last hour were claimed by none of our workers? The newest twenty of each
-- tell; more would not say more. $1 webhooks, $2 now
SELECT w.webhook_id, count(*) AS foreign_done
FROM unnest($1::integer[]) AS w (webhook_id)
CROSS JOIN LATERAL (
    SELECT q.status, q.claimed_by, q.completed_at
    FROM wavegate.queue q
    WHERE q.webhook_id = w.webhook_id
    ORDER BY q.created_at DESC
    LIMIT 20
) n
WHERE n.status = 'success' AND n.claimed_by IS NULL AND n.completed_at >= $2::timestamptz - interval '1 hour'
GROUP BY w.webhook_id
