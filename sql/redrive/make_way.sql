-- Somebody's queue rows stand where the rows of the events $1 belong. An event whose reserved call_id is taken gets a fresh one; a row
-- that carries the id of an event and is not its row keeps everything but that id. How many were in the way?
WITH need AS MATERIALIZED (
    SELECT e.event_id, e.call_id
    FROM rule_webhook_events e
    WHERE e.event_id = ANY ($1::text[]) AND NOT e.has_queue_row AND NOT e.ended
    ORDER BY e.event_id
    FOR UPDATE SKIP LOCKED
), fresh AS (
    UPDATE rule_webhook_events e SET call_id = wavegate.next_call_id()
    FROM need n
    WHERE e.event_id = n.event_id
      AND EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = n.call_id AND q.event_id IS DISTINCT FROM n.event_id)
    RETURNING e.event_id, e.call_id
), reserved AS (
    UPDATE wavegate.event_ids i SET call_id = f.call_id FROM fresh f WHERE i.event_id = f.event_id
), stranger AS MATERIALIZED (
    SELECT q.call_id
    FROM wavegate.queue q JOIN need n ON n.event_id = q.event_id
    WHERE q.call_id <> n.call_id
    FOR UPDATE OF q SKIP LOCKED
), nameless AS (
    UPDATE wavegate.queue q SET event_id = NULL, two_route = NULL FROM stranger s WHERE q.call_id = s.call_id RETURNING q.call_id
)
SELECT (SELECT count(*) FROM fresh) + (SELECT count(*) FROM nameless)
