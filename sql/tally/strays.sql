-- What tally $1 has counted of webhooks that are none of these ($2) goes: one that was taken back alone and comes again
-- begins anew.
WITH strays AS (
    DELETE FROM wavegate.tally_arm a WHERE a.tally_id = $1 AND a.webhook_id <> ALL ($2) RETURNING a.webhook_id
), spans AS (
    -- Only where there is one: these rows are many.
    DELETE FROM wavegate.tally_span s
    WHERE s.tally_id = $1 AND s.webhook_id = ANY (ARRAY(SELECT webhook_id FROM strays)) AND EXISTS (SELECT FROM strays)
), dead AS (
    DELETE FROM wavegate.tally_dead d
    WHERE d.tally_id = $1 AND d.webhook_id = ANY (ARRAY(SELECT webhook_id FROM strays)) AND EXISTS (SELECT FROM strays)
)
DELETE FROM wavegate.tally_course c WHERE c.tally_id = $1 AND c.webhook_id <> ALL ($2)
