-- Index: what waits in the queue, by webhook and due time.
-- What waits in the queue, by webhook: a claim passes over a webhook whose events nobody may deliver now in one hop.
CREATE INDEX CONCURRENTLY wavegate_queue_due ON {schema}.{queue} (webhook_id, (CASE status WHEN 'retrying' THEN coalesce(next_retry_at, scheduled_at) ELSE scheduled_at END))
WHERE status IN ('pending', 'retrying')
