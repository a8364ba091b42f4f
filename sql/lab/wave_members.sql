-- The webhooks of wave $1.
SELECT b.webhook_id FROM wavegate.member b JOIN wavegate.wave w USING (migration_id, position) WHERE w.name = $1
