-- When did a guard last look at the moved wave that it looked at longest ago? NULL: none of the migration under way was looked at.
SELECT min(t.looked_at)
FROM (SELECT max(g.looked_at) AS looked_at
      FROM wavegate.migration m
      JOIN wavegate.wave w USING (migration_id)
      JOIN wavegate.guard g ON g.migration_id = m.migration_id AND g.wave = w.name
      WHERE m.status = 'active' AND w.step IN ('hybrid', 'nats')
      GROUP BY w.name) AS t
