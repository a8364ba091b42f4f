-- Which members of migration $1 were taken back alone, and not resumed since? Those with a fence; and those whose wave went on
-- while they are not where it is, where the last that was done to them is a rollback: one without a fence (--drain), or a resume
-- that was killed after it had taken the fence away. The journal is read once, and only where somebody is elsewhere. $2, $3: how
-- it tells what a flip and a rollback did to each webhook.
WITH member AS MATERIALIZED (
    SELECT m.webhook_id,
           EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = m.webhook_id) AS fenced,
           CASE v.step WHEN 'pending' THEN false
                       WHEN 'hybrid' THEN w.publish_mode IS DISTINCT FROM 'both' OR w.nats_share <> v.share
                       ELSE w.publish_mode IS DISTINCT FROM 'nats' END AS elsewhere
    FROM wavegate.member m
    JOIN wavegate.wave v USING (migration_id, position)
    JOIN wavegate.webhooks w ON w.webhook_id = m.webhook_id
    WHERE m.migration_id = $1 AND v.step <> 'rolled_back'
), last AS MATERIALIZED (
    SELECT DISTINCT ON (j.webhook_id) j.webhook_id, j.step
    FROM wavegate.journal j
    WHERE j.migration_id = $1 AND j.step IN ($2, $3)
      AND j.webhook_id = ANY (ARRAY(SELECT m.webhook_id FROM member m WHERE m.elsewhere AND NOT m.fenced))
    ORDER BY j.webhook_id, j.id DESC
)
SELECT m.webhook_id
FROM member m
LEFT JOIN last l ON l.webhook_id = m.webhook_id
WHERE m.fenced OR m.elsewhere AND l.step = $3
ORDER BY m.webhook_id
