-- Since when, by our clock, does config $1 publish into the stream called $2 that was made at $3? Copies that were read before
-- that may lie in an earlier one. The first one that we ever see has no earlier one.
WITH known AS (
    SELECT l.since FROM wavegate.stream_life l WHERE l.config_id = $1 AND l.stream = $2 AND l.made_at = $3
), new AS (
    INSERT INTO wavegate.stream_life AS l (config_id, stream, made_at, since)
    SELECT $1, $2, $3, 'epoch' WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (config_id) DO UPDATE
    SET since = CASE WHEN (l.stream, l.made_at) = (excluded.stream, excluded.made_at) THEN l.since ELSE clock_timestamp() END,
        stream = excluded.stream, made_at = excluded.made_at
    RETURNING l.since
)
SELECT since FROM known UNION ALL SELECT since FROM new
