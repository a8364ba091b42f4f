-- Is there a record of steps at all?
SELECT to_regclass('wavegate.schema_step') IS NOT NULL
