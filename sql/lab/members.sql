-- How many webhooks each wave has.
SELECT w.name, count(b.webhook_id) AS webhooks
FROM wavegate.wave w LEFT JOIN wavegate.member b USING (migration_id, position)
GROUP BY w.name, w.position ORDER BY w.position
