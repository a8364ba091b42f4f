-- Which disabled webhooks have rows or events that wait?
SELECT w.webhook_id, w.webhook_name, sum(x.waiting)::bigint AS waiting
FROM (SELECT q.webhook_id, count(*) AS waiting
      FROM wavegate.queue q
      WHERE q.status IN ('pending', 'processing', 'retrying')
      GROUP BY q.webhook_id
      UNION ALL
      SELECT e.webhook_id, count(*)
      FROM rule_webhook_events e
      WHERE NOT e.ended AND NOT e.has_queue_row
      GROUP BY e.webhook_id) x
JOIN wavegate.webhooks w USING (webhook_id)
WHERE NOT coalesce(w.enabled, true)
GROUP BY w.webhook_id, w.webhook_name
ORDER BY w.webhook_id
