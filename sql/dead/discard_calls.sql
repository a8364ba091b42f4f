-- The next batch of failed calls that only the queue knows is given up: a ledger row keeps what is known, the queue row goes with
-- its payload. Answers how many were looked at, how many it was, and the last. $1 webhooks, $2 event ids with $3 call ids, $4 committed from, $5 to; each NULL: any.
-- $6 after this call, $7 how many.
WITH held AS MATERIALIZED (
    SELECT q.call_id, q.event_id, q.webhook_id, q.created_at, q.scheduled_at, q.retry_count, q.response_status, q.error_message
    FROM wavegate.queue q
    WHERE q.status = 'failed'
      AND ($1::integer[] IS NULL OR q.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR q.event_id = ANY ($2) OR q.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR q.created_at >= $4) AND ($5::timestamptz IS NULL OR q.created_at < $5)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = q.event_id)
      AND q.call_id > $6 AND q.webhook_id IS NOT NULL
    ORDER BY q.call_id
    LIMIT $7
    FOR UPDATE OF q SKIP LOCKED
), kept AS (
    INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, state, path,
                                     attempt, due_at, void_reason, http_status, error, discarded_at)
    SELECT coalesce(h.event_id, 'call-' || h.call_id), h.webhook_id,
           coalesce((SELECT w.mode_epoch FROM wavegate.webhooks w WHERE w.webhook_id = h.webhook_id), 0), h.call_id, false, false,
           'queue', coalesce(h.created_at, now()), 'dead', 'queue', coalesce(h.retry_count, 0) + 1,
           coalesce(h.scheduled_at, h.created_at, now()), 'discarded', h.response_status, h.error_message, now()
    FROM held h
    ON CONFLICT DO NOTHING
    RETURNING call_id
), done AS (
    DELETE FROM wavegate.queue q USING kept k WHERE q.call_id = k.call_id RETURNING q.call_id
)
SELECT (SELECT count(*) FROM held) AS seen, (SELECT count(*) FROM done) AS done, (SELECT max(h.call_id)::bigint FROM held h) AS last
