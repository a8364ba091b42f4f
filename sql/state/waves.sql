-- Where does every wave of migration $1 stand?
SELECT w.name, w.position, w.step, w.share, w.attempt, CASE WHEN w.entered_at BETWEEN '0001-01-01' AND '9999-12-31' THEN w.entered_at END AS entered_at, count(m.webhook_id) AS members
FROM wavegate.wave w
LEFT JOIN wavegate.member m USING (migration_id, position)
WHERE w.migration_id = $1
GROUP BY w.migration_id, w.position
ORDER BY w.position
