-- Which webhooks belong to migration $1?
SELECT m.webhook_id, m.webhook_name, w.name AS wave
FROM wavegate.member m
JOIN wavegate.wave w USING (migration_id, position)
WHERE m.migration_id = $1
ORDER BY m.webhook_id
