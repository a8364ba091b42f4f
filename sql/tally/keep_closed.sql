-- The blocks of tally $1 before border $2 are closed, where none was. $3 basis, $4 rates, $5 pooled, $6 draws for a pass,
-- $7 for a fail; then arrays: $8 webhook, $9 course.
WITH closed AS (
    INSERT INTO wavegate.tally_closed (tally_id, border, basis, rates, pooled, for_pass, for_fail) VALUES ($1, $2, $3, $4, $5, $6, $7)
)
INSERT INTO wavegate.tally_closed_course (tally_id, webhook_id, course)
SELECT $1, n.webhook_id, n.course FROM unnest($8::integer[], $9::text[]) AS n (webhook_id, course)
