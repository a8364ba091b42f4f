-- A migration begins: its name $1, its plan $2 and the plan's hash $3.
INSERT INTO wavegate.migration (name, plan, plan_hash) VALUES ($1, $2, $3)
ON CONFLICT (name) DO NOTHING
RETURNING migration_id
