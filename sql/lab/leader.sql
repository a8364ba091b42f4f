-- The process that publishes now; of several, the one with the most partitions.
SELECT pid FROM wavegate.relay WHERE partitions <> '{}' AND stopped_at IS NULL AND seen_at > now() - interval '10 s' ORDER BY cardinality(partitions) DESC, seen_at DESC LIMIT 1
