-- SQL API: back to the queue by hand.
-- Sets a webhook back to the queue by hand. What NATS still carries is brought back by `wavegate rollback`, not by this.
CREATE OR REPLACE FUNCTION {schema}.rule_webhook_disable_nats(p_webhook_id integer) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, wavegate, pg_temp
AS $$
BEGIN
    UPDATE {schema}.rule_webhooks w SET nats_enabled = false, publish_mode = 'queue' WHERE w.webhook_id = p_webhook_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no webhook %', p_webhook_id USING ERRCODE = 'no_data_found';
    END IF;
    RETURN true;
END
$$;
