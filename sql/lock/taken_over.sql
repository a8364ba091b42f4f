-- Who took the lock away, by a rollback of the last minutes?
SELECT j.who, j.host, j.command, j.at
FROM wavegate.journal j
WHERE j.step = 'rollback.intent' AND j.at > clock_timestamp() - interval '5 minutes'
ORDER BY j.id DESC
LIMIT 1
