-- How many relays and workers of ours were heard from in the last 10 seconds?
SELECT (SELECT count(*) FROM wavegate.relay r WHERE r.stopped_at IS NULL AND r.seen_at > clock_timestamp() - interval '10 seconds')
     + (SELECT count(*) FROM wavegate.worker w WHERE w.stopped_at IS NULL AND w.seen_at > clock_timestamp() - interval '10 seconds')
