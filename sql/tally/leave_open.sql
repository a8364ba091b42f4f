-- Behind the front, these events ($2) of tally $1 have no last word yet, and no others.
WITH closed AS (
    DELETE FROM wavegate.tally_open o
    WHERE o.tally_id = $1 AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS n (event_id) WHERE n.event_id = o.event_id)
)
INSERT INTO wavegate.tally_open (tally_id, event_id)
SELECT $1, n.event_id FROM unnest($2::text[]) AS n (event_id)
ON CONFLICT DO NOTHING
