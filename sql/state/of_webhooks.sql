-- How does each of these webhooks ($1) stand at $2? Counted from their own rows along the indexes; each table is grouped before the join.
-- delivered_at: of the newest hundred events that the ledger has of a webhook; what the queue alone carries is not in it.
WITH undelivered AS (
    SELECT e.webhook_id, count(*) AS events
    FROM rule_webhook_events e
    WHERE NOT e.ended AND e.webhook_id = ANY ($1)
    GROUP BY e.webhook_id
), waiting AS (
    SELECT q.webhook_id, count(*) AS calls
    FROM wavegate.queue q
    WHERE q.status IN ('pending', 'processing', 'retrying') AND q.webhook_id = ANY ($1)
    GROUP BY q.webhook_id
)
SELECT w.webhook_id, w.webhook_name AS name, coalesce(w.enabled, true) AS enabled, coalesce(w.publish_mode, 'queue') AS mode,
       coalesce(w.nats_share, 0)::smallint AS share, f.webhook_id IS NOT NULL AS fenced,
       coalesce(u.events, 0)::bigint AS undelivered, coalesce(a.calls, 0)::bigint AS waiting,
       CASE WHEN c.open_until IS NULL THEN 'closed' WHEN c.open_until > $2 THEN 'open' ELSE 'half_open' END AS circuit,
       CASE WHEN c.open_until > $2 THEN c.open_until END AS circuit_until, coalesce(c.failures, 0) AS failures,
       (SELECT max(p.claimed_at) FROM wavegate.path_activity p WHERE p.webhook_id = w.webhook_id AND p.path = 'queue') AS queue_claimed_at,
       (SELECT max(p.claimed_at) FROM wavegate.path_activity p WHERE p.webhook_id = w.webhook_id AND p.path = 'nats') AS nats_claimed_at,
       (SELECT max(n.delivered_at)
        FROM (SELECT e.delivered_at FROM rule_webhook_events e
              WHERE e.webhook_id = w.webhook_id
              ORDER BY e.created_at DESC LIMIT 100) n) AS delivered_at
FROM wavegate.webhooks w
LEFT JOIN rule_nats_fences f ON f.webhook_id = w.webhook_id
LEFT JOIN wavegate.circuit c ON c.webhook_id = w.webhook_id
LEFT JOIN undelivered u ON u.webhook_id = w.webhook_id
LEFT JOIN waiting a ON a.webhook_id = w.webhook_id
WHERE w.webhook_id = ANY ($1)
ORDER BY w.webhook_id
