-- What is known of event $1, or of call $2? Nothing of its payload but where it is, nothing of headers and secrets.
SELECT coalesce(e.event_id, q.event_id, i.event_id, o.event_id, 'call-' || q.call_id) AS event_id,
       coalesce(e.call_id, q.call_id, i.call_id)::bigint AS call_id,
       coalesce(e.webhook_id, q.webhook_id, o.webhook_id) AS webhook_id,
       to_jsonb(e) - 'event_id' - 'call_id' - 'webhook_id' - 'ended' - 'dead' AS ledger,
       CASE WHEN q.call_id IS NOT NULL THEN
           to_jsonb(q) - 'payload' - 'response_body' - 'response_headers' - 'event_id' - 'webhook_id' END AS queue_row,
       CASE WHEN o.event_id IS NOT NULL THEN
           jsonb_build_object('subject', o.subject, 'config_id', o.config_id, 'created_at', o.created_at,
                              'payload_bytes', octet_length(o.payload::text)) END AS outbox,
       octet_length(q.payload::text) AS queue_payload_bytes,
       (SELECT jsonb_build_object('name', w.webhook_name, 'enabled', coalesce(w.enabled, true), 'mode', coalesce(w.publish_mode, 'queue'),
                                  'share', w.nats_share, 'max_retries', w.max_retries,
                                  'fenced', EXISTS (SELECT FROM rule_nats_fences f WHERE f.webhook_id = w.webhook_id))
        FROM wavegate.webhooks w WHERE w.webhook_id = coalesce(e.webhook_id, q.webhook_id, o.webhook_id)) AS webhook,
       (SELECT jsonb_build_object('cannot', s.what, 'reason', s.reason, 'delivered', s.delivered, 'http_status', s.http_status, 'since', s.since)
        FROM wavegate.stuck s WHERE s.call_id = coalesce(e.call_id, q.call_id)) AS stuck,
       coalesce((SELECT jsonb_agg(jsonb_build_object('status', r.status, 'http_status', r.http_status, 'error', r.error, 'at', r.at) ORDER BY r.id)
                 FROM wavegate.foreign_results r WHERE r.event_id = coalesce(e.event_id, q.event_id)), '[]') AS foreign_results,
       coalesce((SELECT jsonb_agg(jsonb_build_object('attempt', a.attempt, 'path', a.path, 'worker_id', a.worker_id, 'at', a.at) ORDER BY a.id)
                 FROM wavegate.ambiguous_attempt a
                 WHERE a.webhook_id = coalesce(e.webhook_id, q.webhook_id)
                   AND (a.event_id = coalesce(e.event_id, q.event_id) OR a.call_id = coalesce(e.call_id, q.call_id))), '[]') AS ambiguous
FROM (SELECT 1) one
LEFT JOIN rule_webhook_events e ON e.event_id = $1 OR e.call_id = $2
LEFT JOIN wavegate.queue q ON q.event_id = coalesce(e.event_id, $1) OR q.call_id = coalesce(e.call_id, $2)
LEFT JOIN wavegate.event_ids i ON i.event_id = coalesce(e.event_id, $1)
LEFT JOIN rule_nats_outbox o ON o.event_id = coalesce(e.event_id, $1)
WHERE e.event_id IS NOT NULL OR q.call_id IS NOT NULL OR i.event_id IS NOT NULL OR o.event_id IS NOT NULL
LIMIT 1
