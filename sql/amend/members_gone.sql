-- Who stands in no wave of migration $1 any more is no member.
DELETE FROM wavegate.member WHERE migration_id = $1 AND position < 0
