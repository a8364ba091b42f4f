-- What waits in the queue of these webhooks? Reads the rows that wait, whatever their age. $1 webhooks, $2 now
SELECT q.webhook_id,
       count(*) FILTER (WHERE q.status = 'pending') AS pending,
       count(*) FILTER (WHERE q.status = 'retrying') AS retrying,
       count(*) FILTER (WHERE q.status = 'processing') AS processing,
       count(*) FILTER (WHERE q.due <= $2) AS due,
       count(*) FILTER (WHERE q.status = 'processing'
                        AND coalesce(q.lease_until, coalesce(q.started_at, q.created_at) + interval '1 hour') < $2) AS orphaned,
       min(q.due) FILTER (WHERE q.due BETWEEN '0001-01-01' AND $2) AS oldest_due
FROM (
    SELECT c.webhook_id, c.status, c.created_at, c.started_at, c.lease_until,
           CASE c.status WHEN 'pending' THEN coalesce(c.scheduled_at, c.created_at)
                         WHEN 'retrying' THEN coalesce(c.next_retry_at, c.scheduled_at, c.created_at) END AS due
    FROM wavegate.queue c
    WHERE c.webhook_id = ANY ($1) AND c.status IN ('pending', 'processing', 'retrying')
) q
GROUP BY q.webhook_id
