-- Step $1 was taken back.
DELETE FROM wavegate.schema_step WHERE position = $1
