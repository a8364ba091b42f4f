-- How did the events fare that were created from $2 to $3 (not including it) and lie from page $9 to $10, and of them only those that
-- tally $8 has left open (NULL: all)? By webhook (what failed also by block, what is open one by one), by block and by latency.
-- A key is webhook, block or bucket (-1: none) times 8192 plus the class of its events: a bit for each thing that is so, as
-- src/store/tally/group.rs reads them. final: nothing about the event will change any more.
-- rare: the block of what failed; of what is open, a colon and its id after that.
-- $1 webhooks, $4 horizon: now - parity horizon, $5 start of the step, $6 length of a block in ms, $7 those of the webhooks that are
-- enabled: what the others left open counts nowhere. Latency in buckets of a sixteenth of a doubling, as gates/kernel/buckets.rs has them.
SELECT grouping(e.webhook, e.block, e.bucket)::integer AS kind, coalesce(e.webhook, e.block, e.bucket) AS key,
       e.rare, count(*) AS events
FROM (
    SELECT c.webhook_id::bigint * 8192 + c.class AS webhook, c.block::bigint * 8192 + c.class AS block,
           coalesce(c.bucket, -1)::bigint * 8192 + c.class AS bucket,
           -- One column, so that few groups are expected of it, however many rows there are: else all of them are sorted, on disk.
           CASE WHEN c.class & 6 = 6 AND c.class & 48 = 0 THEN NULL
                ELSE concat(CASE WHEN c.class & 4 <> 0 AND c.class & 48 <> 0 THEN c.block END, CASE WHEN c.class & 2 = 0 THEN ':' || c.event_id END)
           END AS rare
    FROM (
        SELECT l.event_id, l.webhook_id,
               floor(date_part('epoch', l.created_at - $5) * 1000 / $6)::integer AS block,
               CASE WHEN l.state = 'delivered'
                    THEN least(ceil(ln(greatest(date_part('epoch', l.delivered_at - l.created_at) * 1000, 1)) / ln(2::float8) * 16), 479)::integer
               END AS bucket,
               -- Nearly all events, told apart with few questions.
               CASE WHEN l.state = 'delivered' AND l.path = l.prefers AND l.published_at IS NOT NULL AND l.nats_seen_at IS NOT NULL
                         AND l.void_reason IS NULL AND l.due_at <= $4 AND l.created_at <= $4
                    THEN (l.prefers = 'nats')::integer + CASE WHEN l.two_route THEN 206 ELSE 14 END
                    ELSE (l.prefers = 'nats')::integer
                         + 2 * (l.created_at <= $4 AND l.late AND l.ended
                                AND (NOT l.two_route OR l.published_at IS NOT NULL AND l.nats_seen_at IS NOT NULL
                                     OR l.void_reason IS NOT DISTINCT FROM 'fenced'))::integer
                         + 4 * (l.created_at <= $4 AND (l.ended OR l.counts AND (l.attempt > 0 OR l.late)))::integer
                         + 8 * (l.state = 'delivered')::integer
                         + 16 * (l.state = 'dead')::integer
                         + 32 * (l.state = 'delivered' AND l.path IS DISTINCT FROM l.prefers)::integer
                         + 64 * l.two_route::integer
                         + 128 * l.ripe::integer
                         + 256 * (l.published_at IS NULL AND l.void_reason IS NULL)::integer
                         + 512 * (l.published_at IS NOT NULL AND l.nats_seen_at IS NULL)::integer
                         + 1024 * (l.void_reason IS NOT NULL)::integer
                         + 2048 * (l.published_at IS NULL OR l.nats_seen_at IS NULL OR NOT l.ended)::integer
                         + 4096 * (NOT l.two_route AND NOT l.ended AND l.late AND l.counts)::integer
               END AS class
        FROM (
            SELECT n.*,
                   -- What the queue delivered under a fence was never NATS's to carry.
                   n.two_route AND n.late AND n.void_reason IS DISTINCT FROM 'fenced' AND (n.counts OR n.ended) AS ripe
            FROM (
                SELECT w.event_id, w.webhook_id, w.prefers, w.state, w.ended, w.path, w.attempt, w.two_route, w.created_at, w.delivered_at,
                       w.published_at, w.nats_seen_at, w.void_reason, w.due_at, w.due_at <= $4 AS late, w.webhook_id = ANY ($7) AS counts
                FROM {schema}.rule_webhook_events w
                WHERE w.webhook_id = ANY ($1) AND w.created_at >= $2 AND w.created_at < $3
                  AND w.ctid >= $9::text::tid AND w.ctid < $10::text::tid
                  AND ($8::bigint IS NULL
                       OR w.event_id = ANY (ARRAY(SELECT o.event_id FROM wavegate.tally_open o WHERE o.tally_id = $8)))
            ) n
        ) l
        -- Each expression is worked out once, and few groups are not taken for millions, to be sorted. '0', since before PostgreSQL
        -- has looked at it, 0 might be any number, and several processes would not be thought of.
        OFFSET '0'
    ) c
    OFFSET '0'
) e
GROUP BY GROUPING SETS ((e.webhook, e.rare), (e.block), (e.bucket))
