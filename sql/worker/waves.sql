-- How are the waves of the newest migration called, in their order? A migration that is over keeps its waves.
SELECT v.name
FROM wavegate.wave v
WHERE v.migration_id = (SELECT g.migration_id FROM wavegate.migration g
                        ORDER BY g.status = 'active' DESC, g.migration_id DESC LIMIT 1)
ORDER BY v.position
