-- One line a webhook: who ($1), host, command, step ($4), migration, then webhooks ($6) with wave, new epoch, before, after.
INSERT INTO wavegate.journal (who, host, command, step, migration_id, wave, webhook_id, epoch, before, after)
SELECT $1, $2, $3, $4, $5::integer, t.wave, t.webhook_id, t.epoch, t.before, t.after
FROM unnest($6::integer[], $7::text[], $8::bigint[], $9::jsonb[], $10::jsonb[]) AS t (webhook_id, wave, epoch, before, after)
