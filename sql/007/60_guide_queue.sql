-- View: the queue by the guides' name.
-- The queue under the name that the guides use.
CREATE OR REPLACE VIEW {schema}.rule_webhook_queue AS
SELECT call_id AS queue_id, webhook_id, status, payload, rule_name, rule_execution_id, scheduled_at, started_at, completed_at,
       retry_count, next_retry_at, response_status, response_body, response_headers, error_message, execution_time_ms,
       created_at, event_id, two_route, claimed_by, lease_until
FROM {schema}.rule_webhook_calls;
-- Whoever may read or write the queue may do so by this name.
DO $do$
DECLARE
    v record;
BEGIN
    FOR v IN
        SELECT a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role
        FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
        WHERE c.oid = '{schema}.rule_webhook_calls'::regclass AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
        EXECUTE format('GRANT %s ON {schema}.rule_webhook_queue TO %s', v.privilege_type, v.role);
    END LOOP;
END
$do$;
