-- Which webhooks belong to migration $1, and how were they first found?
SELECT m.webhook_id, m.webhook_name, w.name AS wave, m.found
FROM wavegate.member m
JOIN wavegate.wave w USING (migration_id, position)
WHERE m.migration_id = $1
ORDER BY m.webhook_id
