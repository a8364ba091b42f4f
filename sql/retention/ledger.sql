-- Ledger rows of webhook $1 that were delivered, or given up, before $2 go, if no copy of theirs can come any more: $4 rows are looked at, from
-- creation $3 on. How many were looked at, how far, how many went?
-- $5 first sequence of the stream, $6 acknowledged up to, $7 when the stream was made, $8 what was published before has aged out
-- (NULL: nothing ages). A row whose queue row still waits stays, or the queue would take it for one without a ledger.
WITH looked AS MATERIALIZED (
    SELECT e.event_id, e.created_at
    FROM rule_webhook_events e
    WHERE e.webhook_id = $1 AND e.created_at < $2 AND e.created_at >= coalesce($3::timestamptz, '-infinity')
    ORDER BY e.created_at
    LIMIT $4
), over AS MATERIALIZED (
    SELECT e.event_id
    FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT l.event_id FROM looked l))
      AND (e.state = 'delivered' AND e.delivered_at < $2 OR e.dead AND e.discarded_at < $2)
      AND CASE WHEN e.published_at IS NULL THEN e.void_reason IS NOT NULL
               ELSE e.stream_seq IS NULL OR e.stream_seq < $5 OR e.stream_seq <= $6 OR e.published_at < $7
                    OR e.published_at < $8 END
      AND NOT EXISTS (SELECT FROM rule_nats_outbox o WHERE o.event_id = e.event_id)
      AND NOT EXISTS (SELECT FROM wavegate.foreign_results r WHERE r.event_id = e.event_id)
      AND NOT EXISTS (SELECT FROM wavegate.queue q
                      WHERE q.call_id = e.call_id AND q.status IN ('pending', 'processing', 'retrying'))
    FOR UPDATE OF e SKIP LOCKED
), gone AS (
    DELETE FROM rule_webhook_events e
    WHERE e.event_id = ANY (ARRAY(SELECT o.event_id FROM over o))
    RETURNING e.event_id
), unseen AS (
    DELETE FROM wavegate.unseen u USING gone g WHERE u.event_id = g.event_id
)
SELECT (SELECT count(*) FROM looked) AS looked, (SELECT max(l.created_at) FROM looked l) AS up_to,
       (SELECT count(*) FROM gone) AS gone
