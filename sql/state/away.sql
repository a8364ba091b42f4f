-- Which members of migration $1 were taken back alone, and not resumed since? Those with a fence; and those whose wave went on
-- while they are not where it is, where the last that was done to them is a rollback: one without a fence (--drain), or a resume
-- that was killed after it had taken the fence away.
SELECT m.webhook_id
FROM wavegate.member m
JOIN wavegate.wave v USING (migration_id, position)
JOIN wavegate.webhooks w ON w.webhook_id = m.webhook_id
WHERE m.migration_id = $1 AND v.step <> 'rolled_back'
  AND (EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = m.webhook_id)
       OR CASE v.step WHEN 'pending' THEN false
                      WHEN 'hybrid' THEN w.publish_mode IS DISTINCT FROM 'both' OR w.nats_share <> v.share
                      ELSE w.publish_mode IS DISTINCT FROM 'nats' END
          AND (SELECT j.step FROM wavegate.journal j
               WHERE j.webhook_id = m.webhook_id AND j.migration_id = $1 AND j.step IN ('flip.webhook', 'rollback.webhook')
               ORDER BY j.id DESC LIMIT 1) = 'rollback.webhook')
ORDER BY m.webhook_id
