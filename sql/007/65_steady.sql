-- Steady heartbeats.
-- Since when nobody missed this one: a silence of more than ten seconds begins it anew. Memory after the first minute, to compare with.
ALTER TABLE wavegate.worker
    ADD COLUMN IF NOT EXISTS steady_since timestamptz,
    ADD COLUMN IF NOT EXISTS rss_settled bigint;
ALTER TABLE wavegate.relay
    ADD COLUMN IF NOT EXISTS steady_since timestamptz;
