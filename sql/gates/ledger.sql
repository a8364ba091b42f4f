-- How did each arm of these webhooks fare since the step began? One pass; webhook_id NULL is all of them together.
-- $1 webhooks, $2 start of the step, $3 horizon: now - parity horizon, $4 quantile, $5 start of the recent window, $6 now
SELECT e.webhook_id, e.prefers,
       count(*) AS events,
       count(*) FILTER (WHERE e.judged) AS judged,
       count(*) FILTER (WHERE e.judged AND e.state = 'delivered' AND e.path IS NOT DISTINCT FROM e.prefers) AS delivered,
       count(*) FILTER (WHERE e.judged AND (e.state = 'dead' OR e.taken_over)) AS failed,
       count(*) FILTER (WHERE e.judged AND e.state = 'dead') AS dead,
       count(*) FILTER (WHERE e.judged AND e.taken_over) AS taken_over,
       count(*) FILTER (WHERE e.judged AND e.unfinished) AS undelivered,
       (percentile_cont(ARRAY[$4, 0.5, 0.99]) WITHIN GROUP (ORDER BY e.ms) FILTER (WHERE e.judged AND e.state <> 'dead'))[1] AS quantile_ms,
       (percentile_cont(ARRAY[$4, 0.5, 0.99]) WITHIN GROUP (ORDER BY e.ms) FILTER (WHERE e.judged AND e.state <> 'dead'))[2] AS p50_ms,
       (percentile_cont(ARRAY[$4, 0.5, 0.99]) WITHIN GROUP (ORDER BY e.ms) FILTER (WHERE e.judged AND e.state <> 'dead'))[3] AS p99_ms,
       count(*) FILTER (WHERE e.created_at >= $5) AS recent_events,
       coalesce(sum(e.failures) FILTER (WHERE e.created_at >= $5), 0)::bigint AS recent_failures,
       substr(max(e.stamped_error) FILTER (WHERE e.created_at >= $5), 21) AS newest_error,
       count(*) FILTER (WHERE e.two_route) AS two_route,
       count(*) FILTER (WHERE e.ripe) AS ripe,
       count(*) FILTER (WHERE e.ripe AND e.published_at IS NULL AND e.void_reason IS NULL) AS unpublished,
       count(*) FILTER (WHERE e.ripe AND e.published_at IS NOT NULL AND e.nats_seen_at IS NULL) AS unseen,
       count(*) FILTER (WHERE e.ripe AND e.unfinished) AS unfinished,
       count(*) FILTER (WHERE e.ripe AND e.void_reason IS NOT NULL) AS void,
       count(*) FILTER (WHERE e.ripe AND (e.published_at IS NULL OR e.nats_seen_at IS NULL OR e.unfinished)) AS missing,
       count(*) FILTER (WHERE NOT e.two_route AND e.unfinished AND e.due_at <= $3) AS late_single,
       count(*) FILTER (WHERE NOT e.two_route) AS single
FROM (
    SELECT l.webhook_id, l.prefers, l.state, l.path, l.created_at, l.due_at, l.two_route,
           l.published_at, l.nats_seen_at, l.void_reason,
           l.state NOT IN ('delivered', 'dead') AS unfinished,
           l.state = 'delivered' AND l.path IS DISTINCT FROM l.prefers AS taken_over,
           -- What the queue delivered under a fence was never NATS's to carry.
           l.two_route AND l.due_at <= $3 AND l.void_reason IS DISTINCT FROM 'fenced' AS ripe,
           l.created_at <= $3 AND (l.attempt > 0 OR l.state IN ('delivered', 'dead') OR l.due_at <= $3) AS judged,
           -- An event that waits has a latency of at least its age.
           extract(epoch FROM coalesce(l.delivered_at, $6) - l.created_at)::float8 * 1000 AS ms,
           greatest(l.attempt - CASE WHEN l.state IN ('delivered', 'claimed') THEN 1 ELSE 0 END, 0)
               + CASE WHEN l.state = 'delivered' AND l.path IS DISTINCT FROM l.prefers THEN 1 ELSE 0 END AS failures,
           to_char(l.created_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || left(l.error, 200) AS stamped_error
    FROM rule_webhook_events l
    WHERE l.webhook_id = ANY($1) AND l.created_at >= $2 AND l.created_at <= $6
) e
GROUP BY GROUPING SETS ((e.webhook_id, e.prefers), (e.prefers))
ORDER BY e.webhook_id NULLS FIRST, e.prefers
