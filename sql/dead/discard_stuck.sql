-- The next batch of events that were set aside is given up: those that the endpoint took are delivered, the others dead and discarded;
-- payload and queue row go. Answers how many were looked at, how many it was, and the last.
-- $1 webhooks, $2 event ids with $3 call ids, $4 set aside from, $5 to; each NULL: any. $6 after this call, $7 how many.
WITH held AS MATERIALIZED (
    SELECT s.call_id, s.event_id, s.delivered, s.since
    FROM wavegate.stuck s
    WHERE ($1::integer[] IS NULL OR s.webhook_id = ANY ($1))
      AND ($2::text[] IS NULL OR s.event_id = ANY ($2) OR s.call_id = ANY ($3::bigint[]))
      AND ($4::timestamptz IS NULL OR s.since >= $4) AND ($5::timestamptz IS NULL OR s.since < $5)
      AND s.call_id > $6
    ORDER BY s.call_id
    LIMIT $7
), event AS MATERIALIZED (
    SELECT e.event_id, e.call_id
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT h.event_id FROM held h WHERE h.event_id IS NOT NULL)) AND e.state IN ('stuck', 'claimed')
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), queue_row AS MATERIALIZED (
    SELECT q.call_id
    FROM wavegate.queue q
    WHERE q.call_id = ANY (ARRAY(SELECT h.call_id FROM held h)) AND q.status IN ('pending', 'retrying', 'processing')
    ORDER BY q.call_id
    FOR UPDATE SKIP LOCKED
), chosen AS MATERIALIZED (
    SELECT h.call_id, h.event_id, h.delivered, h.since
    FROM held h
    WHERE h.call_id IN (SELECT v.call_id FROM event v)
       OR h.event_id IS NULL AND h.call_id IN (SELECT r.call_id FROM queue_row r)
), ledger AS (
    UPDATE rule_webhook_events e
    SET state = CASE WHEN c.delivered THEN 'delivered' ELSE 'dead' END,
        delivered_at = CASE WHEN c.delivered THEN c.since END,
        discarded_at = CASE WHEN c.delivered THEN NULL ELSE now() END,
        has_queue_row = false, claimed_by = NULL, lease_until = NULL,
        -- The relay need not look at it any more.
        void_reason = CASE WHEN e.published_at IS NULL THEN coalesce(e.void_reason, 'discarded') ELSE e.void_reason END
    FROM chosen c
    WHERE e.event_id = c.event_id
    RETURNING e.event_id, e.seq, e.webhook_id
), unpublished AS (
    DELETE FROM wavegate.unpublished u USING ledger l WHERE u.partition = l.webhook_id & 7 AND u.seq = l.seq
), outbox AS (
    DELETE FROM rule_nats_outbox o USING chosen c WHERE o.event_id = c.event_id
), queue AS (
    DELETE FROM wavegate.queue q USING chosen c, queue_row r WHERE r.call_id = c.call_id AND q.call_id = c.call_id
), unheld AS (
    DELETE FROM wavegate.held k USING chosen c WHERE k.call_id = c.call_id
), gone AS (
    DELETE FROM wavegate.stuck s USING chosen c WHERE s.call_id = c.call_id
)
SELECT (SELECT count(*) FROM held) AS seen, (SELECT count(*) FROM chosen) AS done, (SELECT max(h.call_id) FROM held h) AS last
