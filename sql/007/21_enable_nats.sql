-- SQL API: a webhook's mode by hand.
-- Sets a webhook's mode by hand. Waves of a plan are flipped by `wavegate apply`.
CREATE OR REPLACE FUNCTION {schema}.rule_webhook_enable_nats(
    p_webhook_id integer, p_nats_subject text DEFAULT NULL, p_publish_mode text DEFAULT 'both', p_config_name text DEFAULT 'default'
) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
DECLARE
    v_config_id integer;
BEGIN
    IF p_publish_mode IS NULL OR p_publish_mode NOT IN ('queue', 'nats', 'both') THEN
        RAISE EXCEPTION 'publish mode % is none of queue, nats, both', p_publish_mode USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT c.config_id INTO v_config_id FROM {schema}.rule_nats_config c WHERE c.config_name = p_config_name AND c.enabled;
    IF v_config_id IS NULL THEN
        RAISE EXCEPTION 'NATS config % does not exist or is disabled', p_config_name USING ERRCODE = 'no_data_found';
    END IF;
    UPDATE {schema}.rule_webhooks w
    SET nats_enabled = true, nats_subject = coalesce(p_nats_subject, 'webhooks.' || w.webhook_name),
        nats_config_id = v_config_id, publish_mode = p_publish_mode
    WHERE w.webhook_id = p_webhook_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no webhook %', p_webhook_id USING ERRCODE = 'no_data_found';
    END IF;
    RETURN true;
END
$$;
