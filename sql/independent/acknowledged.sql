-- What has the foreign durable $1 acknowledged? Its copies lie in the stream from $2 to $3, but for the holes $4, and were
-- published since $5. An event of these without a queue row is delivered; one with a queue row is seen, and the queue's.
-- $6 config, $7 whether events without config belong to it, $8 at most. How many: looked at, and delivered.
WITH reached AS MATERIALIZED (
    SELECT e.event_id, e.stream_seq, e.published_at
    FROM wavegate.unseen u
    JOIN rule_webhook_events e ON e.event_id = u.event_id AND e.stream_seq = u.stream_seq
    LEFT JOIN rule_nats_outbox o ON o.event_id = e.event_id
    LEFT JOIN wavegate.webhooks w ON w.webhook_id = e.webhook_id
    WHERE u.stream_seq BETWEEN $2 AND $3 AND e.nats_seen_at IS NULL AND e.published_at >= $5
      AND u.stream_seq NOT IN (SELECT h FROM unnest($4::bigint[]) AS h)
      AND (CASE WHEN o.event_id IS NULL THEN w.nats_config_id ELSE o.config_id END = $6
           OR $7 AND CASE WHEN o.event_id IS NULL THEN w.nats_config_id ELSE o.config_id END IS NULL)
    ORDER BY u.stream_seq
    LIMIT $8
), copy AS MATERIALIZED (
    -- A server that lost its newest messages gives their sequences away again: the older event of two was lost.
    SELECT r.event_id, row_number() OVER (PARTITION BY r.stream_seq ORDER BY r.published_at DESC) = 1 AS there FROM reached r
), locked AS MATERIALIZED (
    SELECT e.event_id,
           NOT e.has_queue_row AND (e.state IN ('open', 'retrying') OR e.state = 'claimed' AND e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held c WHERE c.call_id = e.call_id AND c.until >= now())) AS ends
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT c.event_id FROM copy c))
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), kept AS MATERIALIZED (
    SELECT o.event_id
    FROM rule_nats_outbox o
    WHERE o.event_id = ANY (ARRAY(SELECT l.event_id FROM locked l WHERE l.ends))
    ORDER BY o.event_id
    FOR UPDATE SKIP LOCKED
), held AS MATERIALIZED (
    SELECT l.*
    FROM locked l
    WHERE NOT l.ends OR l.event_id IN (SELECT k.event_id FROM kept k)
       OR NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = l.event_id)
), marked AS (
    UPDATE rule_webhook_events e
    SET nats_seen_at = CASE WHEN c.there THEN now() END,
        stream_seq = CASE WHEN c.there THEN e.stream_seq END,
        state = CASE WHEN c.there AND h.ends THEN 'delivered' ELSE e.state END,
        path = CASE WHEN c.there AND h.ends THEN 'nats' ELSE e.path END,
        claimed_by = CASE WHEN c.there AND h.ends THEN $1 ELSE e.claimed_by END,
        lease_until = CASE WHEN c.there AND h.ends THEN NULL ELSE e.lease_until END,
        delivered_at = CASE WHEN c.there AND h.ends THEN now() ELSE e.delivered_at END
    FROM held h JOIN copy c USING (event_id)
    WHERE e.event_id = h.event_id
    RETURNING e.event_id, c.there AND h.ends AS ended
), seen AS (
    DELETE FROM wavegate.unseen u USING marked m WHERE u.event_id = m.event_id
), outbox AS (
    DELETE FROM rule_nats_outbox o USING marked m WHERE o.event_id = m.event_id AND m.ended
)
SELECT (SELECT count(*) FROM reached), count(*) FILTER (WHERE m.ended) FROM marked m
