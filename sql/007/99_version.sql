-- Everything before this is in place.
-- Written last, so that a migration that stopped half-way says what it said before.
INSERT INTO wavegate.schema_version (version) VALUES (6) ON CONFLICT (only_one) DO UPDATE SET version = excluded.version;
