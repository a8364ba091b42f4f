-- What the relay did, for people and the guides' views. Events of webhooks that are gone are left out.
-- Arrays, one element a publish: $1 webhook, $2 subject, $3 payload, $4 event, $5 stream sequence, $6 success, $7 error, $8 ms to the ack.
INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, message_id, sequence_number, success, error_message, latency_ms, triggered_by)
SELECT p.webhook_id, p.subject, p.payload::jsonb, p.event_id, p.stream_seq, p.success, p.error, least(p.latency_ms, 99999999.99)::numeric(10,2), 'wavegate'
FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::boolean[], $7::text[], $8::float8[])
    AS p (webhook_id, subject, payload, event_id, stream_seq, success, error, latency_ms)
JOIN wavegate.webhooks w ON w.webhook_id = p.webhook_id
