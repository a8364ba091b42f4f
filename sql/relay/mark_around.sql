-- As mark_published.sql, but around what somebody has locked: which of these copies are not marked yet? A pass for the locks alone
-- costs time, so that this is for times in which somebody holds locks.
WITH asked AS (
    SELECT a.event_id, a.copy, a.stream_seq, a.read_at, a.seq, a.partition
    FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[], $5::bigint[], $6::integer[])
        AS a (event_id, copy, stream_seq, read_at, seq, partition)
), held AS MATERIALIZED (
    SELECT e.event_id, e.state
    FROM rule_webhook_events e
    WHERE e.event_id = ANY ($1)
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), kept AS MATERIALIZED (
    SELECT o.event_id
    FROM rule_nats_outbox o
    WHERE o.event_id = ANY (ARRAY(SELECT h.event_id FROM held h WHERE h.state = 'delivered'))
    ORDER BY o.event_id
    FOR UPDATE SKIP LOCKED
), free AS MATERIALIZED (
    SELECT h.event_id
    FROM held h
    WHERE h.state <> 'delivered' OR h.event_id IN (SELECT k.event_id FROM kept k)
       OR NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = h.event_id)
), marked AS (
    UPDATE rule_webhook_events e
    SET published_at = a.read_at, publish_count = greatest(e.publish_count, a.copy), stream_seq = a.stream_seq
    FROM asked a JOIN free f USING (event_id)
    WHERE e.event_id = a.event_id
    RETURNING e.event_id, e.state, e.stream_seq, e.nats_seen_at
), done AS (
    DELETE FROM wavegate.unpublished u
    USING asked a
    WHERE u.partition = a.partition AND u.seq = a.seq
      AND (a.event_id IN (SELECT f.event_id FROM free f)
           OR NOT EXISTS (SELECT FROM rule_webhook_events e WHERE e.event_id = a.event_id))
), unseen AS (
    INSERT INTO wavegate.unseen (event_id, stream_seq)
    SELECT m.event_id, m.stream_seq FROM marked m WHERE $7 AND m.nats_seen_at IS NULL
    ON CONFLICT (event_id) DO UPDATE SET stream_seq = excluded.stream_seq
), outbox AS (
    DELETE FROM rule_nats_outbox o USING marked m WHERE o.event_id = m.event_id AND m.state = 'delivered'
)
SELECT e.event_id
FROM rule_webhook_events e
WHERE e.event_id = ANY ($1) AND e.event_id NOT IN (SELECT f.event_id FROM free f)
