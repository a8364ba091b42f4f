-- The next batch of dead events gets another attempt, due now; answers how many were looked at, how many got it, and the last.
-- $1 webhooks, $2 event ids with $3 call ids, $4 committed from, $5 to; each NULL: any. $6 after this event, $7 how many.
WITH held AS MATERIALIZED (
    SELECT e.event_id, e.call_id, e.webhook_id, e.prefers, e.void_reason
    FROM rule_webhook_events e
    WHERE e.dead AND e.discarded_at IS NULL
      AND ($1::integer[] IS NULL OR e.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR e.event_id = ANY ($2) OR e.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR e.created_at >= $4) AND ($5::timestamptz IS NULL OR e.created_at < $5)
      AND e.event_id > $6
    ORDER BY e.event_id
    LIMIT $7
    FOR UPDATE
), queue_row AS MATERIALIZED (
    -- A row that somebody else has in hand, or has brought back, is not found here.
    SELECT q.call_id, q.event_id
    FROM wavegate.queue q
    WHERE q.call_id = ANY (ARRAY(SELECT h.call_id FROM held h)) AND q.status = 'failed'
    ORDER BY q.call_id
    FOR UPDATE SKIP LOCKED
), able AS MATERIALIZED (
    SELECT h.event_id, h.call_id, h.webhook_id, h.prefers, h.void_reason, r.call_id IS NOT NULL AS in_queue
    FROM held h
    LEFT JOIN queue_row r ON r.call_id = h.call_id AND r.event_id = h.event_id
    WHERE (r.call_id IS NOT NULL
           OR NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = h.call_id AND q.event_id = h.event_id))
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results f WHERE f.event_id = h.event_id)
), chosen AS MATERIALIZED (
    SELECT a.event_id, a.call_id, a.in_queue,
           -- As after a failed attempt: the arm that is preferred comes first.
           CASE WHEN a.prefers = 'nats' AND w.nats_share > 0 AND a.void_reason IS NULL
                     AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = a.webhook_id)
                THEN w.nats_takeover_after_ms ELSE 0 END AS deferred_ms
    FROM able a
    JOIN wavegate.webhooks w ON w.webhook_id = a.webhook_id
    WHERE a.in_queue OR EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = a.event_id)
), ledger AS (
    UPDATE rule_webhook_events e
    SET state = 'retrying', due_at = now(), claimed_by = NULL, lease_until = NULL, has_queue_row = c.in_queue
    FROM chosen c
    WHERE e.event_id = c.event_id
    RETURNING e.event_id
), queue AS (
    UPDATE wavegate.queue q
    SET status = 'retrying', next_retry_at = now() + c.deferred_ms * interval '1 ms', completed_at = NULL,
        claimed_by = NULL, lease_until = NULL
    FROM chosen c
    WHERE c.in_queue AND q.call_id = c.call_id AND q.event_id = c.event_id
)
SELECT (SELECT count(*) FROM held) AS seen, (SELECT count(*) FROM ledger) AS done, (SELECT max(h.event_id) FROM held h) AS last
