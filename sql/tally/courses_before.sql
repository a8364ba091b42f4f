-- How long did the queue's deliveries of these webhooks ($4) take in the steps of wave $2 of migration $1 before $3?
SELECT c.webhook_id, c.prefers, c.latencies
FROM wavegate.tally t JOIN wavegate.tally_course c USING (tally_id)
WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND c.prefers = 'queue' AND c.webhook_id = ANY ($4)
  AND c.latencies IS NOT NULL
