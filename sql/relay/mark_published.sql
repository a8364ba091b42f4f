-- These copies are in the stream. Arrays, one element a copy: $1 event, $2 copy, $3 stream sequence, $4 when it was read for
-- publishing, $5 seq, $6 partition. $7: foreign workers deliver, and what they acknowledge is found by its stream sequence.
-- The outbox row goes where the event was delivered meanwhile; the result statement does the same from its side.
WITH marked AS (
    UPDATE rule_webhook_events e
    SET published_at = c.read_at, publish_count = greatest(e.publish_count, c.copy), stream_seq = c.stream_seq
    -- In order of event_id, as everybody locks them: a nested loop keeps the order (in_order.sql), and no pass for the locks alone is needed.
    FROM (SELECT event_id, copy, stream_seq, read_at
          FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[]) AS a (event_id, copy, stream_seq, read_at)
          ORDER BY event_id) AS c
    WHERE e.event_id = c.event_id
    RETURNING e.event_id, e.state, e.stream_seq, e.nats_seen_at
), done AS (
    DELETE FROM wavegate.unpublished u
    USING unnest($5::bigint[], $6::integer[]) AS c (seq, partition)
    WHERE u.partition = c.partition AND u.seq = c.seq
), unseen AS (
    INSERT INTO wavegate.unseen (event_id, stream_seq)
    SELECT m.event_id, m.stream_seq FROM marked m WHERE $7 AND m.nats_seen_at IS NULL
    ON CONFLICT (event_id) DO UPDATE SET stream_seq = excluded.stream_seq
)
DELETE FROM rule_nats_outbox o USING marked m
WHERE o.event_id = m.event_id AND m.state = 'delivered'
