-- Does every partition belong to a living relay other than the process $1? $2 how many there are.
SELECT count(DISTINCT p.partition) = $2
FROM wavegate.relay r CROSS JOIN LATERAL unnest(r.partitions) AS p (partition)
WHERE r.pid <> $1 AND r.stopped_at IS NULL AND r.seen_at > now() - interval '10 s'
