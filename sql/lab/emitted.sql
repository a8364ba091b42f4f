-- Every committed call with the id that its receiver sees, its wave and how the database says it ended.
-- Joined by event id and by call id apart, so that both stay hash joins.
SELECT coalesce(m.event_id, ec.event_id, qc.event_id, 'call-' || m.call_id) AS event_id,
       coalesce(w.name, 'outside the plan') AS wave, coalesce(w.position, 1000) AS position,
       coalesce(coalesce(ei.state, ec.state) = 'dead', coalesce(qi.status, qc.status, '') = 'failed') AS dead,
       concat_ws(', ', 'ledger ' || coalesce(ei.state, ec.state), 'queue ' || coalesce(qi.status, qc.status),
                 coalesce(ei.error, ec.error, qi.error_message, qc.error_message)) AS state
FROM lab.emitted m
LEFT JOIN rule_webhook_events ei ON ei.event_id = m.event_id
LEFT JOIN rule_webhook_events ec ON ec.call_id = m.call_id
LEFT JOIN wavegate.queue qi ON qi.event_id = m.event_id
LEFT JOIN wavegate.queue qc ON qc.call_id = m.call_id
LEFT JOIN wavegate.member b ON b.webhook_id = m.webhook_id
LEFT JOIN wavegate.wave w ON w.migration_id = b.migration_id AND w.position = b.position
