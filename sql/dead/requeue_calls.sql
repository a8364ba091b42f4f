-- The next batch of failed calls that only the queue knows gets another attempt, due now; answers how many, and the last.
-- $1 webhooks, $2 event ids with $3 call ids, $4 committed from, $5 to; each NULL: any. $6 after this call, $7 how many.
WITH held AS MATERIALIZED (
    SELECT q.call_id
    FROM wavegate.queue q
    JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    WHERE q.status = 'failed'
      AND ($1::integer[] IS NULL OR q.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR q.event_id = ANY ($2) OR q.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR q.created_at >= $4) AND ($5::timestamptz IS NULL OR q.created_at < $5)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = q.event_id)
      AND q.call_id > $6
    ORDER BY q.call_id
    LIMIT $7
    FOR UPDATE OF q SKIP LOCKED
), done AS (
    UPDATE wavegate.queue q
    SET status = 'retrying', next_retry_at = now(), completed_at = NULL, claimed_by = NULL, lease_until = NULL,
        -- Its ledger row, if it ever had one, is gone.
        two_route = NULL
    FROM held h
    WHERE q.call_id = h.call_id
    RETURNING q.call_id
)
SELECT (SELECT count(*) FROM held) AS seen, (SELECT count(*) FROM done) AS done, (SELECT max(h.call_id)::bigint FROM held h) AS last
