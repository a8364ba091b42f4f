-- The settings of NATS under the name $1.
SELECT config_id, config_name, nats_url, nats_cluster_urls, coalesce(auth_type, 'none') AS auth_type, auth_token,
       auth_credentials_file, auth_nkey_seed, coalesce(tls_enabled, false) AS tls_enabled, tls_cert_file, tls_key_file,
       tls_ca_file, coalesce(connection_timeout_ms, 5000) AS connection_timeout_ms,
       coalesce(reconnect_delay_ms, 2000) AS reconnect_delay_ms, coalesce(max_reconnect_attempts, -1) AS max_reconnect_attempts,
       coalesce(jetstream_enabled, true) AS jetstream_enabled, coalesce(stream_name, 'WEBHOOKS') AS stream_name,
       coalesce(subject_prefix, 'webhooks') AS subject_prefix, coalesce(enabled, true) AS enabled
FROM {schema}.rule_nats_config
WHERE config_name = $1
