-- Which webhooks does a dedicated worker serve: those of the waves $1, in the newest migration, and those of $2 that are still there?
-- With the subject that their events get. A migration that is over keeps its waves.
SELECT w.webhook_id, coalesce(w.nats_subject, 'webhooks.' || w.webhook_id) AS subject
FROM wavegate.webhooks w
WHERE w.webhook_id = ANY ($2::integer[])
   OR w.webhook_id IN (SELECT m.webhook_id
                       FROM wavegate.member m
                       JOIN wavegate.wave v USING (migration_id, position)
                       WHERE v.name = ANY ($1::text[])
                         AND m.migration_id = (SELECT g.migration_id FROM wavegate.migration g
                                               ORDER BY g.status = 'active' DESC, g.migration_id DESC LIMIT 1))
ORDER BY w.webhook_id
