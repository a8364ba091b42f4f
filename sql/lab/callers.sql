-- What the callers of the lab need: an ordinary role, and a table in which each transaction notes the calls it made.
DO $$
BEGIN
    CREATE ROLE lab_app LOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;
CREATE SCHEMA lab;
CREATE TABLE lab.emitted (
    number     bigserial   PRIMARY KEY,
    webhook_id integer     NOT NULL,
    event_id   text,
    call_id    bigint,
    at         timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT USAGE ON SCHEMA lab TO lab_app;
GRANT INSERT, SELECT ON lab.emitted TO lab_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA lab, public TO lab_app;
GRANT SELECT ON rule_webhooks TO lab_app;
