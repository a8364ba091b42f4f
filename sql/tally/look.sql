-- How did the events fare that were created from $2 to $3 (not including it), and, where $4 says so, those that were left open
-- by an earlier look? One pass: by webhook (what failed also by block), by block and by latency. final: nothing about the event will
-- change any more.
-- $1 webhooks, $4 tally whose open events join in (NULL: none), $5 horizon: now - parity horizon, $6 start of the step,
-- $7 length of a block in ms, $8 those of the webhooks that are enabled: what the others left open counts nowhere. Latency in buckets of a sixteenth of a doubling, as gates/kernel/buckets.rs has them.
SELECT grouping(e.webhook_id, e.block, e.bucket)::integer AS kind,
       e.webhook_id, e.failed_in, e.block, e.bucket, e.prefers, e.final,
       count(*) AS events,
       count(*) FILTER (WHERE e.judged) AS judged,
       count(*) FILTER (WHERE e.judged AND e.state = 'delivered' AND NOT e.taken_over) AS delivered,
       count(*) FILTER (WHERE e.judged AND e.state = 'dead') AS dead,
       count(*) FILTER (WHERE e.judged AND e.taken_over) AS taken_over,
       count(*) FILTER (WHERE e.judged AND e.unfinished) AS undelivered,
       count(*) FILTER (WHERE e.two_route) AS two_route,
       count(*) FILTER (WHERE e.ripe) AS ripe,
       count(*) FILTER (WHERE e.ripe AND e.published_at IS NULL AND e.void_reason IS NULL) AS unpublished,
       count(*) FILTER (WHERE e.ripe AND e.published_at IS NOT NULL AND e.nats_seen_at IS NULL) AS unseen,
       count(*) FILTER (WHERE e.ripe AND e.unfinished) AS unfinished,
       count(*) FILTER (WHERE e.ripe AND e.void_reason IS NOT NULL) AS void,
       count(*) FILTER (WHERE e.ripe AND (e.published_at IS NULL OR e.nats_seen_at IS NULL OR e.unfinished)) AS missing,
       count(*) FILTER (WHERE NOT e.two_route AND e.unfinished AND e.late AND e.counts) AS late_single,
       array_agg(e.event_id) FILTER (WHERE NOT e.final) AS open
FROM (
    SELECT l.*,
           CASE WHEN l.judged AND (l.state = 'dead' OR l.taken_over) THEN l.block END AS failed_in
    FROM (
        SELECT l.event_id, l.webhook_id, l.prefers, l.state, l.two_route, l.published_at, l.nats_seen_at, l.void_reason, l.late, l.counts,
               floor(extract(epoch FROM l.created_at - $6) * 1000 / $7::bigint)::integer AS block,
               CASE WHEN l.state = 'delivered'
                    THEN least(ceil(ln(greatest(extract(epoch FROM l.delivered_at - l.created_at) * 1000, 1)::float8) / ln(2::float8) * 16), 479)::smallint
               END AS bucket,
               l.state NOT IN ('delivered', 'dead') AS unfinished,
               l.state = 'delivered' AND l.path IS DISTINCT FROM l.prefers AS taken_over,
               -- What the queue delivered under a fence was never NATS's to carry.
               l.two_route AND l.late AND l.void_reason IS DISTINCT FROM 'fenced' AND (l.counts OR l.state IN ('delivered', 'dead')) AS ripe,
               l.created_at <= $5 AND (l.state IN ('delivered', 'dead') OR l.counts AND (l.attempt > 0 OR l.late)) AS judged,
               l.created_at <= $5 AND l.late AND l.state IN ('delivered', 'dead')
                   AND (NOT l.two_route OR l.published_at IS NOT NULL AND l.nats_seen_at IS NOT NULL
                        OR l.void_reason IS NOT DISTINCT FROM 'fenced') AS final
        FROM (
            SELECT n.event_id, n.webhook_id, n.prefers, n.state, n.path, n.attempt, n.two_route, n.created_at, n.delivered_at,
                   n.published_at, n.nats_seen_at, n.void_reason, n.due_at <= $5 AS late,
                   n.webhook_id = ANY ($8) AS counts
            FROM rule_webhook_events n
            WHERE n.webhook_id = ANY ($1) AND n.created_at >= $2 AND n.created_at < $3
            UNION ALL
            SELECT b.event_id, b.webhook_id, b.prefers, b.state, b.path, b.attempt, b.two_route, b.created_at, b.delivered_at,
                   b.published_at, b.nats_seen_at, b.void_reason, b.due_at <= $5, b.webhook_id = ANY ($8)
            FROM wavegate.tally_open o JOIN rule_webhook_events b ON b.event_id = o.event_id
            WHERE o.tally_id = $4 AND b.webhook_id = ANY ($1)
        ) l
    ) l
) e
GROUP BY GROUPING SETS ((e.webhook_id, e.failed_in, e.prefers, e.final), (e.block, e.prefers, e.final), (e.bucket, e.prefers, e.final))
