-- Queue rows that a dead claim of ours keeps `processing` are to be retried, so that any queue worker may take them: somebody
-- else's would wait for ever. $1 webhooks, NULL: all fenced. $2 how many.
WITH stuck AS MATERIALIZED (
    SELECT q.call_id, q.event_id
    FROM wavegate.queue q
    WHERE q.status = 'processing' AND q.two_route AND q.claimed_by IS NOT NULL AND q.lease_until < now() AND q.started_at <= q.lease_until
      AND q.webhook_id = ANY (coalesce($1::integer[], ARRAY(SELECT f.webhook_id FROM rule_nats_fences f)))
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), dead AS MATERIALIZED (
    SELECT e.event_id, e.call_id, e.webhook_id, e.attempt, e.path, e.claimed_by
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT s.event_id FROM stuck s)) AND e.state = 'claimed' AND e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now())
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id)
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), ended AS (
    UPDATE rule_webhook_events e
    SET state = 'retrying', claimed_by = NULL, lease_until = NULL
    FROM dead d
    WHERE e.event_id = d.event_id
    RETURNING e.event_id, e.call_id, e.attempt, e.due_at
), unanswered AS (
    INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id)
    SELECT d.event_id, d.call_id, d.webhook_id, d.attempt, coalesce(d.path, 'nats'), d.claimed_by FROM dead d
), freed AS (
    UPDATE wavegate.queue q
    SET status = 'retrying', next_retry_at = e.due_at, retry_count = e.attempt, claimed_by = NULL, lease_until = NULL
    FROM ended e
    WHERE q.call_id = e.call_id AND q.event_id = e.event_id
    RETURNING q.call_id
)
SELECT count(*) FROM freed
