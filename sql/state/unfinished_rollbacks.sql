-- Which rollbacks were begun and did not come to their end? Of each wave, each webhook that was taken back alone, and of everything
-- (without a plan) the newest that was done tells; a flip that came later makes a rollback moot.
WITH told AS (
    SELECT j.*, row_number() OVER (PARTITION BY j.migration_id, j.wave, j.webhook_id ORDER BY j.id DESC) AS newest
    FROM wavegate.journal j
    WHERE j.step IN ('rollback.intent', 'rollback.fence', 'rollback.barrier', 'rollback.done')
       OR j.step = 'flip.intent' OR j.step = 'flip.webhook' AND j.webhook_id IS NOT NULL
)
SELECT DISTINCT ON (i.after ->> 'scope') i.after ->> 'scope' AS scope, i.after ->> 'goal' AS goal,
       coalesce((i.after ->> 'drain')::boolean, false) AS drain, i.who, i.host, i.at
FROM told t
CROSS JOIN LATERAL (
    SELECT j.* FROM wavegate.journal j
    WHERE j.step = 'rollback.intent' AND j.id <= t.id AND j.migration_id IS NOT DISTINCT FROM t.migration_id
      AND j.wave IS NOT DISTINCT FROM t.wave AND j.webhook_id IS NOT DISTINCT FROM t.webhook_id
    ORDER BY j.id DESC
    LIMIT 1
) i
WHERE t.newest = 1 AND t.step IN ('rollback.intent', 'rollback.fence', 'rollback.barrier')
  -- Its whole wave went back since.
  AND NOT EXISTS (SELECT FROM wavegate.journal d
                  JOIN wavegate.wave v ON v.migration_id = d.migration_id AND v.name = d.wave
                  JOIN wavegate.member m ON m.migration_id = v.migration_id AND m.position = v.position
                  WHERE d.step = 'rollback.done' AND d.id > t.id AND d.migration_id = t.migration_id AND m.webhook_id = t.webhook_id)
ORDER BY i.after ->> 'scope', i.id DESC
