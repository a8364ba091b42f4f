-- Where does every wave of migration $1 stand?
SELECT w.name, w.position, w.step, w.share, w.attempt, w.entered_at, count(m.webhook_id) AS members
FROM wavegate.wave w
LEFT JOIN wavegate.member m USING (migration_id, position)
WHERE w.migration_id = $1
GROUP BY w.migration_id, w.position
ORDER BY w.position
