-- Behind the front, of tally $1: these events ($2) have no last word yet, these ($3) have it, or count no more.
WITH closed AS (
    DELETE FROM wavegate.tally_open o WHERE o.tally_id = $1 AND o.event_id = ANY ($3)
)
INSERT INTO wavegate.tally_open (tally_id, event_id)
SELECT $1, n.event_id FROM unnest($2::text[]) AS n (event_id)
ON CONFLICT DO NOTHING
