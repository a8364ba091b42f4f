-- Which rows came past the unified functions since the step began? By their number, which no caller chooses; by the
-- time that they say, where wave $4 of migration $3 entered its step before wavegate kept a number. $1 webhooks, $2
-- start of the step. By an index that holds no others.
SELECT q.webhook_id, count(*) AS unrouted
FROM wavegate.queue q,
     (SELECT (SELECT w.entered_call FROM wavegate.wave w WHERE w.migration_id = $3 AND w.name = $4 AND w.entered_at = $2) AS call_id) AS entered
WHERE q.webhook_id = ANY ($1) AND q.event_id IS NULL
  AND (q.call_id > entered.call_id OR entered.call_id IS NULL AND q.created_at >= $2)
GROUP BY q.webhook_id
