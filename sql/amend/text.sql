-- Migration $1 goes by another text: $2, of hash $3.
UPDATE wavegate.migration SET plan = $2, plan_hash = $3 WHERE migration_id = $1
