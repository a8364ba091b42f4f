-- How did the events fare that are numbered from $2 on, were created since the step began ($5), and lie from page $12 to
-- $13, and of them only these ($10, NULL: all)? Two counts in one pass: by webhook and block, by webhook and latency.
-- Whose clock wrote the times is not asked: the numbers say what is new. A key is the webhook times 1048576 plus the
-- class of its events: a bit for each thing that is so, as src/store/tally/group.rs reads them. final: nothing that
-- counts about the event will change any more, but for a dead one that is requeued. What is not final and what is dead
-- comes one by one below $3, the front; what is above it is read again at the next look. $1 webhooks, $4 horizon: now -
-- parity horizon, $6 length of a block in ms, $7 those of the webhooks that are enabled: what the others left open
-- counts nowhere, $8: what was created after it is dated ahead, $9: what was due before it and has no end is lost,
-- unless the circuit of its endpoint was open since then ($11: those webhooks; a query in their place would keep all
-- in one process). Latency from the moment that an event was first due, in buckets of a sixteenth of a doubling, as
-- gates/kernel/buckets.rs has them.
SELECT grouping(e.block, e.bucket)::integer AS kind, e.key, e.block, e.bucket, e.name, count(*) AS events
FROM (
    SELECT c.webhook_id::bigint * 1048576 + c.class AS key, c.block, c.bucket,
           CASE WHEN c.class & 524290 = 0 OR c.class & 786432 = 262144 THEN c.event_id END AS name
    FROM (
        SELECT l.event_id, l.webhook_id,
               CASE WHEN isfinite(l.created_at)
                    THEN least(floor(date_part('epoch', l.created_at - $5) * 1000 / $6), 2147483647)::integer
               END AS block,
               CASE WHEN l.state = 'delivered' AND isfinite(l.delivered_at) AND isfinite(l.first_due)
                    THEN least(ceil(ln(greatest(date_part('epoch', l.delivered_at - l.first_due) * 1000, 1)) / ln(2::float8) * 16), 479)::integer
               END AS bucket,
               -- Nearly all events, told apart with few questions.
               CASE WHEN l.state = 'delivered' AND l.path = l.prefers AND l.published_at IS NOT NULL AND l.nats_seen_at IS NOT NULL
                         AND l.void_reason IS NULL AND l.died_at IS NULL AND l.same IS NOT FALSE AND l.due_at <= $4 AND l.created_at <= $4
                    THEN (l.prefers = 'nats')::integer + CASE WHEN l.two_route THEN 8398 ELSE 8206 END + 65536 * (l.same IS NOT NULL)::integer
                         + 524288 * (l.seq >= $3)::integer
                    ELSE (l.prefers = 'nats')::integer
                         + 2 * (l.created_at <= $4 AND l.late AND l.ended
                                AND (NOT l.two_route OR l.published_at IS NOT NULL AND l.nats_seen_at IS NOT NULL
                                     OR l.void_reason IS NOT DISTINCT FROM 'fenced'))::integer
                         + 4 * (l.created_at <= $4 AND (l.ended OR l.died OR l.counts AND (l.attempt > 0 OR l.late)))::integer
                         + 8 * (l.state = 'delivered' AND NOT l.died)::integer
                         + 16 * l.died::integer
                         + 32 * (l.state = 'delivered' AND NOT l.died AND l.path IS DISTINCT FROM l.prefers)::integer
                         + 64 * l.two_route::integer
                         + 128 * l.ripe::integer
                         + 256 * (l.published_at IS NULL AND l.void_reason IS NULL)::integer
                         + 512 * (l.published_at IS NOT NULL AND l.nats_seen_at IS NULL)::integer
                         + 1024 * (l.void_reason IS NOT NULL)::integer
                         + 2048 * (l.published_at IS NULL OR l.nats_seen_at IS NULL OR NOT l.ended)::integer
                         + 4096 * (NOT l.two_route AND NOT l.ended AND l.late AND l.counts)::integer
                         + 8192 * l.ended::integer
                         + 16384 * (l.created_at > $8)::integer
                         + 32768 * (l.void_reason IS NOT NULL OR l.state = 'stuck' OR l.due_at <= $9 AND l.webhook_id <> ALL ($11))::integer
                         + 65536 * (l.same IS NOT NULL)::integer
                         + 131072 * (l.same IS FALSE)::integer
                         + 262144 * (l.state = 'dead')::integer
                         + 524288 * (l.seq >= $3)::integer
               END AS class
        FROM (
            SELECT n.*,
                   -- What the queue delivered under a fence was never NATS's to carry.
                   n.two_route AND n.late AND n.void_reason IS DISTINCT FROM 'fenced' AND (n.counts OR n.ended) AS ripe
            FROM (
                SELECT w.event_id, w.seq, w.webhook_id, w.prefers, w.state, w.ended, w.path, w.attempt, w.two_route, w.created_at, w.delivered_at,
                       w.published_at, w.nats_seen_at, w.void_reason, w.due_at, w.died_at,
                       coalesce(w.first_due_at, w.created_at) AS first_due,
                       w.state = 'dead' OR w.died_at IS NOT NULL AS died,
                       w.payload_digest = w.sent_digest AS same,
                       w.due_at <= $4 AS late, w.webhook_id = ANY ($7) AS counts
                FROM {schema}.rule_webhook_events w
                WHERE w.webhook_id = ANY ($1) AND w.created_at >= $5 AND w.seq >= $2
                  AND w.ctid >= $12::text::tid AND w.ctid < $13::text::tid
                  AND ($10::text[] IS NULL OR w.event_id = ANY ($10))
            ) n
        ) l
        -- Each expression is worked out once, and few groups are not taken for millions, to be sorted. '0', since before PostgreSQL
        -- has looked at it, 0 might be any number, and several processes would not be thought of.
        OFFSET '0'
    ) c
    OFFSET '0'
) e
GROUP BY GROUPING SETS ((e.key, e.block, e.name), (e.key, e.bucket))
