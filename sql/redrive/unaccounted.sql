-- How many undelivered events of these webhooks lack a queue row, but for those that are set aside? $1 webhooks, NULL: all fenced. $2 made until then, NULL: all.
SELECT count(*)
FROM rule_webhook_events e
WHERE e.webhook_id = ANY (coalesce($1::integer[], ARRAY(SELECT f.webhook_id FROM rule_nats_fences f)))
  AND NOT e.ended AND e.state <> 'stuck' AND e.created_at <= coalesce($2::timestamptz, 'infinity')
  AND (NOT e.has_queue_row
       OR NOT EXISTS (SELECT FROM wavegate.queue q WHERE q.call_id = e.call_id AND q.event_id = e.event_id))
