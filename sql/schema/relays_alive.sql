-- Which relays and workers of ours were heard from in the last 10 seconds?
SELECT format('%s on %s (pid %s)', a.what, a.host, a.pid)
FROM (
    SELECT 'the relay' AS what, r.host, r.pid, r.stopped_at, r.seen_at FROM wavegate.relay r
    UNION ALL
    SELECT 'a worker', w.host, w.pid, w.stopped_at, w.seen_at FROM wavegate.worker w
) a
WHERE a.stopped_at IS NULL AND a.seen_at > clock_timestamp() - interval '10 seconds'
ORDER BY a.host, a.pid
