-- Index: history of a webhook.
-- The history of one webhook, newest first.
CREATE INDEX CONCURRENTLY wavegate_history_by_webhook ON {schema}.rule_nats_publish_history (webhook_id, published_at DESC)
