-- The newest $1 lines, oldest of them first; $2: of this wave only, or NULL; $3: of this webhook only, or NULL, and only
-- then the lines that a flip writes for each webhook ($4).
SELECT * FROM (
    SELECT id, at, who, host, command, step, migration_id, wave, webhook_id, before, after
    FROM wavegate.journal
    WHERE ($2::text IS NULL OR wave = $2)
      AND CASE WHEN $3::integer IS NULL THEN step <> ALL ($4::text[]) ELSE webhook_id = $3 END
    ORDER BY id DESC
    LIMIT $1
) newest
ORDER BY id
