-- Publishes one event of the probe webhook $1 with the payload $2; answers its id.
SELECT {schema}.rule_webhook_publish_nats($1, $2) ->> 'event_id'
