-- The waves of migration $1 stand at positions $2, by names $3; those that are new are pending.
INSERT INTO wavegate.wave AS v (migration_id, position, name)
SELECT $1, w.position, w.name FROM unnest($2::integer[], $3::text[]) AS w (position, name)
ON CONFLICT (migration_id, name) DO UPDATE SET position = excluded.position
