-- Who took the lock away, by a rollback ($1) of the last minutes?
SELECT j.who, j.host, j.command, j.at
FROM wavegate.journal j
WHERE j.step = $1 AND j.at > clock_timestamp() - interval '5 minutes'
ORDER BY j.id DESC
LIMIT 1
