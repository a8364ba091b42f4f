-- These copies are in the stream. $1 events, $2 copies, $3 stream sequences, $4 when they were read for publishing.
-- The outbox row goes where the event was delivered meanwhile; the result statement does the same from its side.
WITH copy AS (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[]) AS c (event_id, copy, stream_seq, read_at)
), held AS MATERIALIZED (
    SELECT e.event_id FROM rule_webhook_events e WHERE e.event_id = ANY ($1) ORDER BY e.event_id FOR UPDATE
), marked AS (
    UPDATE rule_webhook_events e
    SET published_at = c.read_at, publish_count = greatest(e.publish_count, c.copy), stream_seq = c.stream_seq
    FROM held h JOIN copy c USING (event_id)
    WHERE e.event_id = h.event_id
    RETURNING e.event_id, e.state
), outbox AS (
    DELETE FROM rule_nats_outbox o USING marked m
    WHERE o.event_id = m.event_id AND m.state = 'delivered'
)
SELECT count(*) FROM marked
