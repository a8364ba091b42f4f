-- What the new text of migration $1 does not have is gone.
DELETE FROM wavegate.wave WHERE migration_id = $1 AND position < 0
