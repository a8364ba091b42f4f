-- The waves of migration $1: positions $2 and names $3.
INSERT INTO wavegate.wave (migration_id, position, name)
SELECT $1, w.position, w.name FROM unnest($2::integer[], $3::text[]) AS w (position, name)
