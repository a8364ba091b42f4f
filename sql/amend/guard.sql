-- What the guard of migration $1 has counted went by another text; when it looked did not.
UPDATE wavegate.guard SET fails = 0 WHERE migration_id = $1
