-- What the guard of migration $1 has counted went by another text.
DELETE FROM wavegate.guard WHERE migration_id = $1
