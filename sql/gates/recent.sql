-- What failed lately? Failed attempts and takeovers by arm. $1 webhooks, $2 start of the recent window, $3 now.
SELECT e.prefers,
       count(*) AS events,
       coalesce(sum(greatest(e.attempt - CASE WHEN e.state IN ('delivered', 'claimed') THEN 1 ELSE 0 END, 0)
                    + CASE WHEN e.state = 'delivered' AND e.path IS DISTINCT FROM e.prefers THEN 1 ELSE 0 END), 0)::bigint AS failures,
       substr(max(to_char(e.created_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS') || left(e.error, 200))
              FILTER (WHERE e.error IS NOT NULL), 21) AS newest_error
FROM rule_webhook_events e
WHERE e.webhook_id = ANY ($1) AND e.created_at >= $2 AND e.created_at <= $3
GROUP BY e.prefers
