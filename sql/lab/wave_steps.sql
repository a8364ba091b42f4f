-- Where each wave stands, in the order of the plan.
SELECT w.name, w.step, w.share FROM wavegate.wave w
WHERE w.migration_id = (SELECT max(migration_id) FROM wavegate.migration) ORDER BY w.position
