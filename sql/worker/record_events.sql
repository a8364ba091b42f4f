-- What became of these attempts? Ledger, outbox and queue row in one statement, only for who still holds the claim.
-- $1 worker; then arrays, one element an attempt: $2 event, $3 attempt, $4 success, $5 HTTP status, $6 error, $7 body,
-- $8 response headers, $9 milliseconds, $10 milliseconds that the endpoint asked for, $11 digest of what was sent.
WITH outcome AS (
    SELECT * FROM unnest($2::text[], $3::integer[], $4::boolean[], $5::integer[], $6::text[], $7::text[], $8::jsonb[], $9::float8[], $10::bigint[], $11::bytea[])
        AS o (event_id, attempt, ok, http_status, error, body, headers, took_ms, asked_ms, sent)
), held AS MATERIALIZED (
    -- In order of event_id, as the relay locks them too: no deadlock.
    SELECT e.event_id, e.webhook_id, e.prefers, e.void_reason, o.attempt, o.ok, o.http_status, o.error, o.body, o.headers, o.took_ms, o.asked_ms, o.sent
    FROM rule_webhook_events e JOIN outcome o ON o.event_id = e.event_id
    WHERE e.state = 'claimed' AND e.claimed_by = $1 AND e.attempt = o.attempt
    ORDER BY e.event_id
    FOR UPDATE OF e
), decided AS MATERIALIZED (
    SELECT h.*,
           CASE WHEN h.ok THEN 'delivered'
                WHEN coalesce(w.retry_enabled, true) AND h.attempt <= coalesce(w.max_retries, 3) THEN 'retrying'
                ELSE 'dead' END AS state,
           CASE WHEN NOT h.ok
                THEN now() + greatest(wavegate.backoff_ms(w.retry_delay_ms, w.retry_backoff_multiplier, h.attempt), h.asked_ms) * interval '1 ms' END AS due_at,
           CASE WHEN h.prefers = 'nats' AND w.nats_share > 0 AND h.void_reason IS NULL
                     AND NOT EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = h.webhook_id)
                THEN w.nats_takeover_after_ms ELSE 0 END AS deferred_ms,
           coalesce(w.max_retries, 3) AS max_retries
    FROM held h LEFT JOIN wavegate.webhooks w ON w.webhook_id = h.webhook_id
), ledger AS (
    UPDATE rule_webhook_events e
    SET state = d.state,
        due_at = CASE WHEN d.state = 'retrying' THEN d.due_at ELSE e.due_at END,
        lease_until = NULL,
        claimed_by = CASE WHEN d.state = 'retrying' THEN NULL ELSE e.claimed_by END,
        delivered_at = CASE WHEN d.state = 'delivered' THEN now() END,
        -- A relay that died between publishing and marking left this: there is nothing to publish any more.
        published_at = CASE WHEN d.state = 'delivered' AND NOT e.two_route AND e.void_reason IS NULL THEN coalesce(e.published_at, now())
                            ELSE e.published_at END,
        publish_count = CASE WHEN d.state = 'delivered' THEN greatest(e.publish_count, e.seen_count) ELSE e.publish_count END,
        http_status = d.http_status, error = d.error, sent_digest = coalesce(d.sent, e.sent_digest)
    FROM decided d
    WHERE e.event_id = d.event_id
    RETURNING e.event_id, e.seq, e.webhook_id, e.call_id, e.has_queue_row, e.two_route, e.published_at, e.void_reason, e.state,
              extract(epoch FROM e.delivered_at - e.created_at)::float8 AS latency
), unpublished AS (
    DELETE FROM wavegate.unpublished u USING ledger l
    WHERE l.state = 'delivered' AND l.published_at = now() AND u.partition = l.webhook_id & 7 AND u.seq = l.seq
), outbox AS (
    DELETE FROM rule_nats_outbox o USING ledger l
    WHERE o.event_id = l.event_id AND l.state = 'delivered'
      AND (NOT l.two_route OR l.published_at IS NOT NULL OR l.void_reason IS NOT NULL)
), queue AS (
    UPDATE wavegate.queue q
    SET status = CASE d.state WHEN 'delivered' THEN 'success' WHEN 'retrying' THEN 'retrying' ELSE 'failed' END,
        completed_at = CASE WHEN d.state <> 'retrying' THEN now() END,
        next_retry_at = CASE WHEN d.state = 'retrying' THEN d.due_at + d.deferred_ms * interval '1 ms' END,
        retry_count = CASE d.state WHEN 'retrying' THEN d.attempt ELSE least(d.attempt - 1, d.max_retries) END,
        claimed_by = CASE WHEN d.state = 'retrying' THEN NULL ELSE $1 END, lease_until = NULL,
        response_status = d.http_status, response_body = d.body, response_headers = d.headers,
        error_message = d.error, execution_time_ms = d.took_ms::numeric(12,3)
    FROM ledger l JOIN decided d USING (event_id)
    WHERE l.has_queue_row AND q.call_id = l.call_id AND q.event_id = l.event_id AND (q.status IN ('pending', 'processing', 'retrying') OR d.ok)
)
SELECT l.call_id, l.state, l.webhook_id, l.latency,
       EXISTS (SELECT FROM wavegate.circuit c WHERE c.webhook_id = l.webhook_id) AS has_circuit
FROM ledger l
