-- Where wave $1 stands.
SELECT w.step, w.share FROM wavegate.wave w JOIN wavegate.migration m USING (migration_id)
WHERE w.name = $1 ORDER BY m.migration_id DESC LIMIT 1
