-- Which migration is under way?
SELECT migration_id, name, plan, plan_hash, started_at, started_by
FROM wavegate.migration
WHERE status = 'active'
ORDER BY migration_id DESC
LIMIT 1
