-- What other people did to queue rows of two-route events, taken over into the ledger; $1 at most, after note $2. Of several, the newest
-- counts. What somebody has locked waits for the next look. How many notes were looked at, up to which, and how many are done?
WITH batch AS MATERIALIZED (
    SELECT r.id, r.event_id, r.status, r.http_status, r.error, r.at
    FROM wavegate.foreign_results r
    WHERE r.status <> 'truncated' AND r.id > $2
    ORDER BY r.id
    LIMIT $1
    FOR UPDATE SKIP LOCKED
), newest AS (
    SELECT DISTINCT ON (b.event_id) b.event_id, b.status, b.http_status, b.error, b.at
    FROM batch b
    WHERE b.status IN ('success', 'failed', 'requeued')
    ORDER BY b.event_id, b.id DESC
), locked AS MATERIALIZED (
    SELECT e.event_id, e.state, e.call_id, e.webhook_id, e.attempt, e.path, e.claimed_by,
           e.state = 'claimed' AND (e.lease_until >= now()
               OR EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now())) AS busy
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT b.event_id FROM batch b))
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), kept AS MATERIALIZED (
    SELECT o.event_id
    FROM rule_nats_outbox o
    WHERE o.event_id = ANY (ARRAY(SELECT l.event_id FROM locked l))
    ORDER BY o.event_id
    FOR UPDATE SKIP LOCKED
), held AS MATERIALIZED (
    SELECT l.*
    FROM locked l
    WHERE l.event_id IN (SELECT k.event_id FROM kept k)
       OR NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = l.event_id)
), decided AS MATERIALIZED (
    -- A claim of ours that is still running writes its own result; only a success ends the event beside it.
    SELECT h.event_id, h.call_id, h.webhook_id, h.attempt, h.path, h.claimed_by, h.state,
           n.http_status, n.error, n.at, coalesce(w.max_retries, 3) AS max_retries,
           CASE WHEN n.status = 'success' AND h.state <> 'delivered' THEN 'delivered'
                WHEN n.status = 'failed' AND h.state <> 'delivered' AND NOT h.busy THEN 'dead'
                WHEN n.status = 'requeued' AND h.state = 'dead' THEN 'retrying' END AS becomes,
           EXISTS (SELECT FROM batch b WHERE b.event_id = h.event_id AND b.status = 'deleted')
               AND NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = h.call_id AND q.event_id = h.event_id) AS row_gone
    FROM held h
    LEFT JOIN newest n USING (event_id)
    LEFT JOIN wavegate.webhooks w ON w.webhook_id = h.webhook_id
), ledger AS (
    UPDATE rule_webhook_events e
    SET state = coalesce(d.becomes, e.state),
        path = CASE WHEN d.becomes IN ('delivered', 'dead') THEN 'queue' ELSE e.path END,
        claimed_by = CASE WHEN d.becomes IS NULL THEN e.claimed_by END,
        lease_until = CASE WHEN d.becomes IS NULL THEN e.lease_until END,
        delivered_at = CASE WHEN d.becomes = 'delivered' THEN d.at ELSE e.delivered_at END,
        -- Nothing is left to publish of what has no two routes.
        published_at = CASE WHEN d.becomes = 'delivered' AND NOT e.two_route AND e.void_reason IS NULL THEN coalesce(e.published_at, now())
                            ELSE e.published_at END,
        due_at = CASE WHEN d.becomes = 'retrying' THEN now() ELSE e.due_at END,
        attempt = CASE WHEN d.becomes = 'retrying' THEN least(e.attempt, d.max_retries) ELSE e.attempt END,
        http_status = CASE WHEN d.becomes IN ('delivered', 'dead') THEN d.http_status ELSE e.http_status END,
        error = CASE WHEN d.becomes IN ('delivered', 'dead') THEN d.error ELSE e.error END,
        has_queue_row = e.has_queue_row AND NOT d.row_gone
    FROM decided d
    WHERE e.event_id = d.event_id
    RETURNING e.event_id, e.seq, e.webhook_id, e.state, e.two_route, e.published_at, e.void_reason
), unanswered AS (
    -- An attempt of ours that has no result, and now gets none any more.
    INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, worker_id)
    SELECT d.event_id, d.call_id, d.webhook_id, d.attempt, coalesce(d.path, 'queue'), d.claimed_by
    FROM decided d
    WHERE d.state = 'claimed' AND d.becomes IS NOT NULL
), unpublished AS (
    DELETE FROM wavegate.unpublished u USING ledger l
    WHERE l.state = 'delivered' AND l.published_at = now() AND u.partition = l.webhook_id & 7 AND u.seq = l.seq
), outbox AS (
    DELETE FROM rule_nats_outbox o USING ledger l
    WHERE o.event_id = l.event_id AND l.state = 'delivered'
      AND (NOT l.two_route OR l.published_at IS NOT NULL OR l.void_reason IS NOT NULL)
), done AS (
    DELETE FROM wavegate.foreign_results r USING batch b
    WHERE r.id = b.id
      AND (b.event_id IN (SELECT h.event_id FROM held h)
           OR NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = b.event_id))
    RETURNING r.id
)
SELECT count(*) AS looked, max(b.id) AS up_to, (SELECT count(*) FROM done) AS done FROM batch b
