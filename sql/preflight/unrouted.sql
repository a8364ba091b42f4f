-- How many queue rows of the hour before $1 carry no event id, though written after migration 007 was applied?
SELECT count(*) AS rows, min(q.webhook_id) AS webhook_id
FROM wavegate.queue q
WHERE q.event_id IS NULL
  AND q.created_at >= greatest($1::timestamptz - interval '1 hour', (SELECT max(s.applied_at) FROM wavegate.schema_step s))
