-- What stands against taking the schema back: undelivered events that the queue cannot deliver by itself, of these such as a person
-- must decide about, and webhooks that are not in mode queue.
SELECT (SELECT count(*) FROM {schema}.rule_webhook_events e WHERE NOT e.ended) AS undelivered,
       (SELECT count(*) FROM {schema}.rule_webhook_events e
        WHERE NOT e.ended AND NOT (e.has_queue_row AND e.state IN ('open', 'retrying'))) AS stranded,
       (SELECT count(*) FROM {schema}.rule_webhook_events e WHERE e.state = 'stuck') AS stuck,
       (SELECT count(*) FROM {schema}.rule_webhook_events) AS events,
       (SELECT count(*) FROM wavegate.journal) AS journal,
       (SELECT count(*) FROM {schema}.rule_webhooks w WHERE w.publish_mode IN ('both', 'nats')) AS elsewhere,
       (SELECT coalesce(array_agg(w.webhook_name ORDER BY w.webhook_id), '{}')
        FROM (SELECT * FROM {schema}.rule_webhooks w WHERE w.publish_mode IN ('both', 'nats') ORDER BY w.webhook_id LIMIT 5) w) AS names
