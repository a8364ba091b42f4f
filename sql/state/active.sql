-- Which migration is under way?
SELECT migration_id, name, plan, plan_hash, CASE WHEN started_at BETWEEN '0001-01-01' AND '9999-12-31' THEN started_at END AS started_at, started_by
FROM wavegate.migration
WHERE status = 'active'
ORDER BY migration_id DESC
LIMIT 1
