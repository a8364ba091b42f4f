-- When did the guard of migration $1 last look?
SELECT max(looked_at) FROM wavegate.guard WHERE migration_id = $1
