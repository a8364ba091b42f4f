-- Which settings of NATS do webhooks in `both` or `nats` name whose events no relay carries that was heard from since $1? $2: not these.
SELECT c.config_name::text, count(*)
FROM wavegate.webhooks w
JOIN {schema}.rule_nats_config c
  ON c.config_id = coalesce(w.nats_config_id, (SELECT d.config_id FROM {schema}.rule_nats_config d WHERE d.config_name = 'default'))
WHERE w.publish_mode IN ('both', 'nats') AND coalesce(w.enabled, true) AND c.config_id IS DISTINCT FROM $2
  AND NOT EXISTS (SELECT FROM wavegate.relay r
                  WHERE r.stopped_at IS NULL AND r.seen_at >= $1 AND (r.config_id = c.config_id OR r.config_id IS NULL))
GROUP BY c.config_name
ORDER BY c.config_name
