-- What tally $1 has counted of webhooks that are none of these ($2) goes: one that was taken back alone and comes again
-- begins anew.
WITH arms AS (
    DELETE FROM wavegate.tally_arm a WHERE a.tally_id = $1 AND a.webhook_id <> ALL ($2)
)
DELETE FROM wavegate.tally_course c WHERE c.tally_id = $1 AND c.webhook_id <> ALL ($2)
