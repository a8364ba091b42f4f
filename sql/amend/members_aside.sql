-- And their members.
UPDATE wavegate.member SET position = -position WHERE migration_id = $1
