-- What the operator wrote down about the stream $2 of the settings $1.
SELECT s.subjects, s.description, coalesce(s.storage_type, 'file') AS storage, coalesce(s.max_messages, -1) AS max_messages,
       coalesce(s.max_bytes, -1) AS max_bytes, coalesce(s.max_age_seconds, 0) AS max_age_seconds,
       coalesce(s.retention_policy, 'limits') AS retention, coalesce(s.discard_policy, 'old') AS discard,
       coalesce(s.replicas, 1) AS replicas, coalesce(s.duplicate_window_seconds, 120) AS duplicate_window_seconds
FROM rule_nats_streams s
WHERE s.config_id = $1 AND s.stream_name = $2 AND coalesce(s.enabled, true)
