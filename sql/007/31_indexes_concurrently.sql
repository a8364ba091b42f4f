-- Each of these is built CONCURRENTLY by the installer, one statement at a time.
CREATE INDEX CONCURRENTLY IF NOT EXISTS wavegate_events_unpublished ON rule_webhook_events (seq) WHERE published_at IS NULL AND void_reason IS NULL;
CREATE INDEX CONCURRENTLY IF NOT EXISTS wavegate_events_undelivered ON rule_webhook_events (webhook_id, due_at) WHERE state IN ('open', 'claimed', 'retrying');
CREATE INDEX CONCURRENTLY IF NOT EXISTS wavegate_events_by_webhook ON rule_webhook_events (webhook_id, created_at);
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS wavegate_events_call ON rule_webhook_events (call_id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS wavegate_foreign_event ON wavegate.foreign_results (event_id);
-- On the queue (its own name): unique event_id where not null; due two-route and plain rows.
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS wavegate_queue_event ON rule_webhook_calls (event_id) WHERE event_id IS NOT NULL;
