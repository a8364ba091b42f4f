-- The waves of migration $1 leave their positions.
UPDATE wavegate.wave SET position = -position WHERE migration_id = $1
