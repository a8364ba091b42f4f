-- Step $1 is done; what it made is added to what it had made before, what it replaced is noted once.
INSERT INTO wavegate.schema_step AS s (position, name, text_hash, created, replaced)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (position) DO UPDATE
SET name = excluded.name, text_hash = excluded.text_hash, created = s.created || excluded.created, applied_at = clock_timestamp()
