-- What did the queue do before this step, webhook by webhook? How many calls ended, how many of them failed, and in which bucket how many were
-- delivered. What was frozen when the migration began, and the queue's arm in earlier steps of the wave: what NATS took
-- over there says nothing about the endpoint, and does not count. Latencies of steps that an earlier version counted are
-- not kept by webhook, and do not count. $1 migration, $2 wave, $3 start of this step, $4 webhooks.
SELECT f.webhook_id, f.bucket, sum(f.calls)::bigint AS ended,
       coalesce(sum(f.calls) FILTER (WHERE f.status = 'failed'), 0)::bigint AS failed,
       coalesce(sum(f.calls) FILTER (WHERE f.status = 'success'), 0)::bigint AS events
FROM wavegate.baseline f
WHERE f.migration_id = $1 AND f.webhook_id = ANY ($4)
GROUP BY f.webhook_id, f.bucket
UNION ALL
SELECT a.webhook_id, NULL, a.delivered + a.dead, a.dead, 0
FROM wavegate.tally t JOIN wavegate.tally_arm a USING (tally_id)
WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND a.prefers = 'queue' AND a.webhook_id = ANY ($4)
UNION ALL
-- What died and was requeued before it was counted; of steps that an earlier version counted, all that died.
SELECT e.webhook_id, NULL, count(*), count(*), 0
FROM wavegate.tally t JOIN wavegate.tally_open o USING (tally_id) JOIN rule_webhook_events e USING (event_id)
WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND e.prefers = 'queue' AND e.webhook_id = ANY ($4)
  AND (e.state = 'dead' OR e.died_at IS NOT NULL)
GROUP BY e.webhook_id
UNION ALL
-- Of steps that an earlier version counted: the others keep latencies in bytes (sql/tally/courses_before.sql).
SELECT c.webhook_id, n.bucket, 0, 0, n.events
FROM wavegate.tally t JOIN wavegate.tally_course c USING (tally_id), unnest(c.buckets, c.events) AS n (bucket, events)
WHERE t.migration_id = $1 AND t.wave = $2 AND t.since < $3 AND c.prefers = 'queue' AND c.webhook_id = ANY ($4)
