-- What was the last thing done to wave $2 of migration $1, as far as flips and rollbacks go?
SELECT step, after
FROM wavegate.journal
WHERE migration_id = $1 AND wave = $2
  AND step IN ('flip.intent', 'flip.done', 'flip.barrier', 'flip.checked', 'rollback.intent', 'rollback.done')
ORDER BY id DESC
LIMIT 1
