-- The newest $1 lines, oldest of them first; $2: of this wave only, or NULL.
SELECT * FROM (
    SELECT id, at, who, host, command, step, wave, webhook_id, before, after
    FROM wavegate.journal
    WHERE $2::text IS NULL OR wave = $2
    ORDER BY id DESC
    LIMIT $1
) newest
ORDER BY id
