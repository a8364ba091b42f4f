-- What did the queue do before this step? By webhook, how many calls ended, and how many of them failed; by bucket, how many took so
-- long (events). What was frozen when the migration began, and the queue's arm in earlier steps of the wave.
-- $1 migration, $2 wave, $3 start of this step, $4 webhooks.
SELECT f.webhook_id, f.bucket, sum(f.calls)::bigint AS ended,
       coalesce(sum(f.calls) FILTER (WHERE f.status = 'failed'), 0)::bigint AS failed,
       coalesce(sum(f.calls) FILTER (WHERE f.status = 'success'), 0)::bigint AS events
FROM wavegate.baseline f
WHERE f.migration_id = $1 AND f.webhook_id = ANY ($4)
GROUP BY GROUPING SETS ((f.webhook_id), (f.bucket))
UNION ALL
SELECT a.webhook_id, NULL, a.delivered + a.dead + a.taken_over, a.dead + a.taken_over, 0
FROM wavegate.tally t JOIN wavegate.tally_arm a USING (tally_id)
WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND a.prefers = 'queue' AND a.webhook_id = ANY ($4)
UNION ALL
SELECT NULL, l.bucket, 0, 0, l.events
FROM wavegate.tally t JOIN wavegate.tally_latency l USING (tally_id)
WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND l.prefers = 'queue'
