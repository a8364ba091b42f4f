-- The process that publishes now.
SELECT pid FROM wavegate.relay WHERE leader AND stopped_at IS NULL AND seen_at > now() - interval '10 s' ORDER BY seen_at DESC LIMIT 1
