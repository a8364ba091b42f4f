-- The members of migration $1: webhooks $2 in the waves at positions $3. Answers with those that it has not yet.
WITH wanted AS (
    SELECT m.webhook_id, m.position FROM unnest($2::integer[], $3::integer[]) AS m (webhook_id, position)
), kept AS (
    UPDATE wavegate.member m SET position = w.position FROM wanted w WHERE m.migration_id = $1 AND m.webhook_id = w.webhook_id
    RETURNING m.webhook_id
)
SELECT webhook_id FROM wanted EXCEPT SELECT webhook_id FROM kept
