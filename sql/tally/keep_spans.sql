-- These spans of tally $1 are counted so far; then arrays: $2 span, $3 webhook, $4 arm, $5 cells.
INSERT INTO wavegate.tally_span (tally_id, span, webhook_id, prefers, cells)
SELECT $1, n.span, n.webhook_id, n.prefers, n.cells
FROM unnest($2::integer[], $3::integer[], $4::text[], $5::bytea[]) AS n (span, webhook_id, prefers, cells)
ON CONFLICT (tally_id, span, webhook_id, prefers) DO UPDATE SET cells = excluded.cells
