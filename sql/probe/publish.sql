-- Publishes one event of the probe webhook $1 with the payload $2 under the id $3; answers its id. All three arguments: an engine's
-- header, which stays, may have no default for the last, and may answer NULL with NULL.
SELECT {schema}.rule_webhook_publish_nats($1, $2, $3) ->> 'event_id'
