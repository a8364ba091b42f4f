-- What is left in the queue of these webhooks ($1), whenever it is due ($2 now)? Webhooks without anything are left out.
SELECT q.webhook_id,
       count(*) FILTER (WHERE q.status = 'pending') AS pending,
       count(*) FILTER (WHERE q.status = 'processing') AS processing,
       count(*) FILTER (WHERE q.status = 'retrying') AS retrying,
       count(*) FILTER (WHERE q.status = 'pending' AND q.scheduled_at > $2
                           OR q.status = 'retrying' AND q.next_retry_at > $2) AS future
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($1) AND q.status IN ('pending', 'processing', 'retrying')
GROUP BY q.webhook_id
