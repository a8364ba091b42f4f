-- Adds what has its last word to the arms of tally $1; then arrays: $2 webhook, $3 arm, $4 delivered, $5 dead, $6 taken
-- over, $7 two-route, $8 ripe, $9 compared, $10 altered.
INSERT INTO wavegate.tally_arm AS t (tally_id, webhook_id, prefers, delivered, dead, taken_over, two_route, ripe, compared, altered)
SELECT $1, n.webhook_id, n.prefers, sum(n.delivered), sum(n.dead), sum(n.taken_over), sum(n.two_route), sum(n.ripe), sum(n.compared),
       sum(n.altered)
FROM unnest($2::integer[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])
    AS n (webhook_id, prefers, delivered, dead, taken_over, two_route, ripe, compared, altered)
GROUP BY n.webhook_id, n.prefers
ON CONFLICT (tally_id, webhook_id, prefers) DO UPDATE
SET delivered = t.delivered + excluded.delivered, dead = t.dead + excluded.dead,
    taken_over = t.taken_over + excluded.taken_over, two_route = t.two_route + excluded.two_route,
    ripe = t.ripe + excluded.ripe, compared = t.compared + excluded.compared, altered = t.altered + excluded.altered
