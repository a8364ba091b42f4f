-- Unseen copies in these holes of the stream ($1) are gone: their events may be published again. $2 config, $3 whether events
-- without config belong to it, $4 since when the stream lives.
WITH gone AS MATERIALIZED (
    SELECT e.event_id
    FROM wavegate.unseen u
    JOIN rule_webhook_events e ON e.event_id = u.event_id AND e.stream_seq = u.stream_seq
    JOIN rule_nats_outbox o ON o.event_id = e.event_id
    WHERE u.stream_seq = ANY ($1) AND e.nats_seen_at IS NULL AND e.published_at >= $4
      AND (o.config_id = $2 OR $3 AND o.config_id IS NULL)
    ORDER BY e.event_id
    FOR UPDATE OF e SKIP LOCKED
)
UPDATE rule_webhook_events e SET stream_seq = NULL FROM gone g WHERE e.event_id = g.event_id
