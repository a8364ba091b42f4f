-- Which members of migration $1 are between the paths: in both, in nats while their wave is not, or in the queue with events that only
-- NATS can deliver? With the wave, the mode, and how many such events.
SELECT m.webhook_id, w.webhook_name, v.name AS wave, coalesce(w.publish_mode, 'queue') AS publish_mode,
       (SELECT count(*) FROM rule_webhook_events e WHERE e.webhook_id = m.webhook_id AND NOT e.ended AND NOT e.has_queue_row) AS nats_alone
FROM wavegate.member m
JOIN wavegate.wave v USING (migration_id, position)
JOIN wavegate.webhooks w ON w.webhook_id = m.webhook_id
WHERE m.migration_id = $1 AND v.step <> 'finished'
  AND CASE coalesce(w.publish_mode, 'queue')
          WHEN 'both' THEN true
          WHEN 'nats' THEN v.step <> 'nats'
          ELSE EXISTS (SELECT FROM rule_webhook_events e WHERE e.webhook_id = m.webhook_id AND NOT e.ended AND NOT e.has_queue_row)
      END
ORDER BY m.webhook_id
