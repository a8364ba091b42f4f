-- Which steps were carried out, and what did each make and replace?
SELECT position, name, text_hash, created, replaced, applied_at FROM wavegate.schema_step ORDER BY position
