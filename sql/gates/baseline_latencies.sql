-- How long did the queue take before this step? $1 migration, $2 wave, $3 start of this step, $4 webhooks.
SELECT b.bucket, sum(b.events)::bigint AS events
FROM (
    SELECT f.bucket, f.calls AS events
    FROM wavegate.baseline f
    WHERE f.migration_id = $1 AND f.webhook_id = ANY ($4) AND f.status = 'success'
    UNION ALL
    SELECT l.bucket, l.events
    FROM wavegate.tally t JOIN wavegate.tally_latency l USING (tally_id)
    WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND l.prefers = 'queue'
) b
GROUP BY b.bucket
