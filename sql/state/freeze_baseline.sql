-- How did the queue do in the seven days before the migration $1 took webhooks $2 in? Their ended calls, by outcome and latency.
-- Latency in buckets of a sixteenth of a doubling, as gates/kernel/buckets.rs has them; failed calls stand in bucket 0.
INSERT INTO wavegate.baseline (migration_id, webhook_id, status, bucket, calls)
SELECT $1, q.webhook_id, q.status,
       CASE WHEN q.status = 'success'
            THEN least(ceil(ln(greatest(extract(epoch FROM q.completed_at - q.created_at) * 1000, 1)::float8) / ln(2::float8) * 16), 479)
            ELSE 0 END::smallint,
       count(*)
FROM wavegate.queue q
WHERE q.webhook_id = ANY ($2)
  AND q.created_at >= now() - interval '7 days' AND q.status IN ('success', 'failed') AND isfinite(q.completed_at) AND isfinite(q.created_at)
GROUP BY 2, 3, 4
