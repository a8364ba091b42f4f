-- How many events of these webhooks ($1; NULL: all), committed from $2 to before $3 (NULL: open), has the ledger, and how many
-- of them are over?
SELECT count(*) AS committed,
       count(*) FILTER (WHERE e.state = 'delivered') AS delivered,
       count(*) FILTER (WHERE e.dead AND e.discarded_at IS NULL) AS dead,
       count(*) FILTER (WHERE e.state = 'dead' AND e.discarded_at IS NOT NULL) AS discarded
FROM rule_webhook_events e
WHERE ($1::integer[] IS NULL OR e.webhook_id = ANY ($1))
  AND ($2::timestamptz IS NULL OR e.created_at >= $2) AND ($3::timestamptz IS NULL OR e.created_at < $3)
