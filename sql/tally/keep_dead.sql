-- These events ($2) are counted in tally $1 as dead: of webhook $3, with class $4 each.
INSERT INTO wavegate.tally_dead (tally_id, event_id, webhook_id, class)
SELECT $1, n.event_id, n.webhook_id, n.class
FROM unnest($2::text[], $3::integer[], $4::integer[]) AS n (event_id, webhook_id, class)
ON CONFLICT (tally_id, event_id) DO UPDATE SET class = excluded.class
