-- Queue rows of these webhooks ($1) that wait move to the NATS route: ledger and outbox get them, the queue loses them; all in
-- this statement. $2 at most. Not what somebody works on, nor what NATS can never carry, nor while a fence stands or the webhook
-- is in another mode. Skipped locks: beside live queue workers. How many moved, and how many of them had two routes?
WITH waiting AS MATERIALIZED (
    SELECT q.call_id::bigint AS call_id, q.webhook_id, q.status, q.payload, q.rule_name, q.created_at,
           coalesce(q.retry_count, 0) AS attempt, q.event_id AS known_as,
           -- What the endpoint has been told as `webhook-id` so far.
           coalesce(q.event_id, 'call-' || q.call_id) AS event_id,
           coalesce(CASE WHEN q.status = 'retrying' THEN q.next_retry_at END, q.scheduled_at, q.created_at, now()) AS due_at,
           w.mode_epoch, w.nats_config_id, coalesce(w.nats_subject, 'webhooks.' || w.webhook_id) AS subject
    FROM wavegate.queue q
    JOIN wavegate.webhooks w ON w.webhook_id = q.webhook_id
    WHERE q.webhook_id = ANY ($1) AND q.status IN ('pending', 'retrying')
      AND w.publish_mode = 'nats'
      AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id)
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = q.event_id)
      AND NOT EXISTS (SELECT FROM rule_webhook_events e
                      WHERE e.event_id = q.event_id
                        AND (e.void_reason IS NOT NULL OR e.state NOT IN ('open', 'retrying') OR e.call_id <> q.call_id
                             OR NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id)))
    LIMIT $2
    FOR UPDATE OF q SKIP LOCKED
), known AS MATERIALIZED (
    -- Decided on the newest version of the ledger's row; one that somebody holds waits for the next batch.
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT w.known_as FROM waiting w WHERE w.known_as IS NOT NULL))
      AND e.state IN ('open', 'retrying') AND e.void_reason IS NULL
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), alone AS (
    UPDATE rule_webhook_events e
    SET has_queue_row = false
    FROM known k
    WHERE e.event_id = k.event_id AND e.event_id = ANY (ARRAY(SELECT k.event_id FROM known k))
    RETURNING e.event_id
), fresh AS (
    INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, state,
                                     path, attempt, due_at)
    SELECT w.event_id, w.webhook_id, w.mode_epoch, w.call_id, false, false, 'nats', coalesce(w.created_at, now()),
           CASE WHEN w.attempt > 0 THEN 'retrying' ELSE 'open' END, CASE WHEN w.attempt > 0 THEN 'queue' END, w.attempt, w.due_at
    FROM waiting w
    WHERE NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = w.known_as)
    ON CONFLICT DO NOTHING
    RETURNING event_id, seq, webhook_id
), unpublished AS (
    INSERT INTO wavegate.unpublished (partition, seq, event_id, webhook_id, config_id)
    SELECT f.webhook_id & 7, f.seq, f.event_id, f.webhook_id, w.nats_config_id FROM fresh f JOIN waiting w USING (event_id)
), outbox AS (
    INSERT INTO rule_nats_outbox (event_id, webhook_id, subject, config_id, payload, rule_name)
    SELECT w.event_id, w.webhook_id, w.subject, w.nats_config_id, w.payload, w.rule_name
    FROM waiting w JOIN fresh f USING (event_id)
), gone AS (
    DELETE FROM wavegate.queue q
    USING waiting w
    WHERE q.call_id = w.call_id AND q.call_id = ANY (ARRAY(SELECT w.call_id FROM waiting w))
      AND (w.event_id IN (SELECT f.event_id FROM fresh f) OR w.known_as IN (SELECT a.event_id FROM alone a))
    RETURNING q.call_id
)
SELECT (SELECT count(*) FROM gone) AS moved, (SELECT count(*) FROM alone) AS two_route
