-- What stands still now, oldest first. $1 and $2: how the journal calls a hold and its release; $3: the migration, NULL before it began.
SELECT h.id, h.who, h.host, h.at, h.wave, h.webhook_id, h.after ->> 'scope' AS scope, h.after ->> 'why' AS why,
       (h.after ->> 'until')::timestamptz AS until
FROM wavegate.journal h
WHERE h.step = $1 AND (h.migration_id IS NULL OR h.migration_id = $3)
  AND ((h.after ->> 'until')::timestamptz IS NULL OR (h.after ->> 'until')::timestamptz > clock_timestamp())
  AND NOT EXISTS (SELECT FROM wavegate.journal r WHERE r.step = $2 AND (r.after ->> 'hold')::bigint = h.id)
ORDER BY h.id
