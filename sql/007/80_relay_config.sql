-- Which config a relay serves.
-- One that is older does not say; it counts for every config.
ALTER TABLE wavegate.relay ADD COLUMN IF NOT EXISTS config_id integer;
