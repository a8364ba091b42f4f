-- How were these webhooks ($1) first found, by the newest migration that has them?
SELECT DISTINCT ON (m.webhook_id) m.webhook_id, m.found
FROM wavegate.member m
WHERE m.webhook_id = ANY ($1)
ORDER BY m.webhook_id, m.migration_id DESC
