-- What failed lately? Failed attempts and takeovers of both arms, in one row. $1 webhooks, $2 start of the recent window, $3 now.
-- No GROUP BY: PostgreSQL knows nothing of what is new, takes it for one row, and would sort it all.
SELECT count(*) FILTER (WHERE e.nats) AS nats_events,
       coalesce(sum(e.failures) FILTER (WHERE e.nats), 0)::bigint AS nats_failures,
       substr(max(e.told) FILTER (WHERE e.nats), 21) AS nats_error,
       count(*) FILTER (WHERE NOT e.nats) AS queue_events,
       coalesce(sum(e.failures) FILTER (WHERE NOT e.nats), 0)::bigint AS queue_failures,
       substr(max(e.told) FILTER (WHERE NOT e.nats), 21) AS queue_error
FROM (
    SELECT w.prefers = 'nats' AS nats,
           -- Nearly all events, told apart with few questions.
           CASE WHEN w.attempt = 1 AND w.state = 'delivered' AND w.path = w.prefers THEN 0
                ELSE greatest(w.attempt - CASE WHEN w.state IN ('delivered', 'claimed') THEN 1 ELSE 0 END, 0)
                     + CASE WHEN w.state = 'delivered' AND w.path IS DISTINCT FROM w.prefers THEN 1 ELSE 0 END
           END AS failures,
           CASE WHEN w.error IS NOT NULL
                THEN to_char(w.created_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || left(w.error, 200) END AS told
    FROM rule_webhook_events w
    WHERE w.webhook_id = ANY ($1) AND w.created_at >= $2 AND w.created_at <= $3
    -- Each expression is worked out once.
    OFFSET '0'
) e
