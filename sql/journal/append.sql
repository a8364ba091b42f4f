-- One more line of the journal.
INSERT INTO wavegate.journal (who, host, command, step, migration_id, wave, webhook_id, before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
