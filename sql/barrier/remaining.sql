-- Which of the noted virtual transactions ($1) still run?
SELECT virtualxid FROM pg_locks WHERE locktype = 'virtualxid' AND granted AND mode = 'ExclusiveLock' AND virtualxid = ANY ($1)
