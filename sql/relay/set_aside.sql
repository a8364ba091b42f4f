-- These events ($1, for the reasons $2) are set aside by name, sent by nobody until a person decides; $3 what cannot be done with them.
-- Only those without a queue row that nobody holds. Which were?
WITH asked AS (
    SELECT a.event_id, a.reason FROM unnest($1::text[], $2::text[]) AS a (event_id, reason)
), held AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.event_id = ANY ($1) AND NOT e.has_queue_row AND NOT e.ended AND e.state <> 'stuck'
      AND (e.state <> 'claimed'
           OR e.lease_until < now() AND NOT EXISTS (SELECT FROM wavegate.held h WHERE h.call_id = e.call_id AND h.until >= now()))
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE rule_webhook_events e
    SET state = 'stuck', claimed_by = NULL, lease_until = NULL, error = a.reason,
        void_reason = CASE WHEN $3 = 'publish' THEN coalesce(e.void_reason, a.reason) ELSE e.void_reason END
    FROM held h JOIN asked a USING (event_id)
    WHERE e.event_id = h.event_id
    RETURNING e.event_id, e.call_id, e.webhook_id, e.seq, a.reason
), named AS (
    INSERT INTO wavegate.stuck (call_id, event_id, webhook_id, what, reason)
    SELECT m.call_id, m.event_id, m.webhook_id, $3::text, m.reason FROM marked m
    ON CONFLICT (call_id) DO UPDATE SET what = excluded.what, reason = excluded.reason
), done AS (
    DELETE FROM wavegate.unpublished u USING marked m WHERE u.partition = m.webhook_id & 7 AND u.seq = m.seq
)
SELECT m.event_id FROM marked m
