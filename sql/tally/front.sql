-- How far has this step been counted? Makes the tally where there is none, and holds it until the transaction ends.
-- Nothing is where an earlier version has looked, which does not name the dead. $1 migration, $2 wave, $3 start of the
-- step, $4 length of a block in ms (of a new tally).
INSERT INTO wavegate.tally AS t (migration_id, wave, since, block_ms, counted_to, queue_counted_to)
VALUES ($1, $2, $3, $4, $3, $3)
ON CONFLICT (migration_id, wave, since) DO UPDATE SET block_ms = t.block_ms
RETURNING tally_id, block_ms, CASE counted_seq WHEN dead_seq THEN counted_seq ELSE 0 END AS counted_seq, next_seq, next_xid
