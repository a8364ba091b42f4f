-- How many calls ended by the queue before this step, and how many of them failed? What was frozen when the migration began,
-- and the queue's arm in earlier steps of the wave. $1 migration, $2 wave, $3 start of this step, $4 webhooks.
SELECT b.webhook_id, sum(b.ended)::bigint AS ended, sum(b.failed)::bigint AS failed
FROM (
    SELECT f.webhook_id, f.calls AS ended, CASE f.status WHEN 'failed' THEN f.calls ELSE 0 END AS failed
    FROM wavegate.baseline f
    WHERE f.migration_id = $1 AND f.webhook_id = ANY ($4)
    UNION ALL
    SELECT a.webhook_id, a.delivered + a.dead + a.taken_over, a.dead + a.taken_over
    FROM wavegate.tally t JOIN wavegate.tally_arm a USING (tally_id)
    WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND a.prefers = 'queue' AND a.webhook_id = ANY ($4)
) b
GROUP BY b.webhook_id
