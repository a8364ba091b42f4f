-- How many events wait for the relay.
SELECT count(*) FROM wavegate.unpublished u JOIN rule_webhook_events e USING (event_id) WHERE NOT e.ended
