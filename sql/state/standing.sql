-- Per wave of migration $1, and once for the webhooks of none: how many webhooks in which mode, fenced, disabled, and what
-- of theirs waits. Each table is read once and grouped before the join.
WITH undelivered AS (
    SELECT e.webhook_id, count(*) AS events
    FROM rule_webhook_events e
    WHERE NOT e.ended
    GROUP BY e.webhook_id
), waiting AS (
    SELECT q.webhook_id, count(*) AS calls
    FROM wavegate.queue q
    WHERE q.status IN ('pending', 'processing', 'retrying')
    GROUP BY q.webhook_id
)
SELECT m.position, count(*) AS webhooks,
       count(*) FILTER (WHERE coalesce(w.publish_mode, 'queue') = 'queue') AS in_queue,
       count(*) FILTER (WHERE w.publish_mode = 'both') AS in_both,
       count(*) FILTER (WHERE w.publish_mode = 'nats') AS in_nats,
       count(f.webhook_id) AS fenced,
       count(*) FILTER (WHERE NOT w.enabled) AS disabled,
       coalesce(sum(u.events), 0)::bigint AS undelivered,
       coalesce(sum(a.calls), 0)::bigint AS waiting,
       coalesce(array_agg(w.webhook_name ORDER BY w.webhook_id)
                FILTER (WHERE a.calls > 0 AND coalesce(w.publish_mode, 'queue') = 'queue'), '{}') AS waiting_in_queue
FROM wavegate.webhooks w
LEFT JOIN wavegate.member m ON m.migration_id = $1 AND m.webhook_id = w.webhook_id
LEFT JOIN rule_nats_fences f ON f.webhook_id = w.webhook_id
LEFT JOIN undelivered u ON u.webhook_id = w.webhook_id
LEFT JOIN waiting a ON a.webhook_id = w.webhook_id
GROUP BY m.position
ORDER BY m.position
