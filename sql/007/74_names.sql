-- Our tables under names that nobody else can give.
-- Sessions of ours look names up in pg_catalog and wavegate only, where nobody else may create: these views stand for the tables of the
-- engine's schema that they read and write. Tables with secrets have none. Later columns are added at the end.
CREATE OR REPLACE VIEW wavegate.rule_webhook_events AS
SELECT seq, event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, state, path, attempt,
       due_at, lease_until, claimed_by, published_at, publish_count, stream_seq, void_reason, nats_seen_at,
       seen_count, delivered_at, http_status, error, discarded_at, ended, dead, payload_digest, sent_digest, first_due_at, died_at, requeued
FROM {schema}.rule_webhook_events;
CREATE OR REPLACE VIEW wavegate.rule_nats_outbox AS
SELECT event_id, webhook_id, subject, config_id, payload, headers, rule_name, created_at, payload_bytes
FROM {schema}.rule_nats_outbox;
CREATE OR REPLACE VIEW wavegate.rule_nats_fences AS
SELECT webhook_id, set_at, set_by, reason
FROM {schema}.rule_nats_fences;
CREATE OR REPLACE VIEW wavegate.rule_nats_streams AS
SELECT stream_id, config_id, stream_name, subjects, description, storage_type, max_messages, max_bytes,
       max_age_seconds, retention_policy, discard_policy, replicas, duplicate_window_seconds, enabled, created_at
FROM {schema}.rule_nats_streams;
CREATE OR REPLACE VIEW wavegate.rule_nats_publish_history AS
SELECT publish_id, webhook_id, subject, payload, headers, published_at, message_id, sequence_number, success,
       error_message, latency_ms, triggered_by, rule_execution_id, expires_at
FROM {schema}.rule_nats_publish_history;
CREATE OR REPLACE VIEW wavegate.rule_nats_consumer_stats AS
SELECT consumer_id, stream_name, consumer_name, queue_group, ack_policy, max_deliver, messages_delivered,
       messages_acknowledged, messages_pending, messages_redelivered, avg_processing_time_ms, last_active_at, active,
       created_at, updated_at
FROM {schema}.rule_nats_consumer_stats;
-- Whoever may read or write a table may do so by the view: roles that were made before it go on working.
DO $do$
DECLARE
    v record;
BEGIN
    FOR v IN
        WITH pair AS (
            SELECT t.oid, t.relname, t.relowner, t.relacl, w.oid AS view
            FROM pg_class t JOIN pg_class w ON w.relname = t.relname AND w.relkind = 'v' AND w.relnamespace = 'wavegate'::regnamespace
            WHERE t.relkind IN ('r', 'p') AND t.oid IN (
                '{schema}.rule_webhook_events'::regclass, '{schema}.rule_nats_outbox'::regclass, '{schema}.rule_nats_fences'::regclass,
                '{schema}.rule_nats_streams'::regclass, '{schema}.rule_nats_publish_history'::regclass,
                '{schema}.rule_nats_consumer_stats'::regclass)
        ), granted AS (
            SELECT p.relname, a.privilege_type, '' AS columns, a.grantee
            FROM pair p, aclexplode(coalesce(p.relacl, acldefault('r', p.relowner))) a
            UNION ALL
            SELECT p.relname, a.privilege_type, format('(%I)', t.attname), a.grantee
            FROM pair p
            JOIN pg_attribute t ON t.attrelid = p.oid AND t.attnum > 0 AND NOT t.attisdropped
            JOIN pg_attribute s ON s.attrelid = p.view AND s.attname = t.attname,
            aclexplode(t.attacl) a
            UNION ALL
            -- What is new: for those who carry events (they write heartbeats), who operate (they write the journal), who only look.
            SELECT n.relname, u.wanted, '', a.grantee
            FROM (VALUES ('worker', 'INSERT', ARRAY['held', 'stuck'], ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']),
                         ('journal', 'INSERT', ARRAY['held', 'stuck'], ARRAY['SELECT', 'DELETE']),
                         ('journal', 'INSERT', ARRAY['stuck'], ARRAY['INSERT']),
                         ('circuit', 'SELECT', ARRAY['held', 'stuck'], ARRAY['SELECT'])) AS r (has_on, has, tables, wants)
            JOIN pg_class c ON c.relname = r.has_on AND c.relnamespace = 'wavegate'::regnamespace
            CROSS JOIN LATERAL aclexplode(c.relacl) AS a
            CROSS JOIN LATERAL unnest(r.tables) AS n (relname)
            CROSS JOIN LATERAL unnest(r.wants) AS u (wanted)
            WHERE a.privilege_type = r.has
        )
        SELECT DISTINCT g.relname, g.privilege_type, g.columns,
               CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END AS role
        FROM granted g WHERE g.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s %s ON wavegate.%I TO %s', v.privilege_type, v.columns, v.relname, v.role);
    END LOOP;
END
$do$;
