//! What roles and databases set does not reach our sessions; a policy that would hide rows is named; application roles get no further
//! through our functions than on the tables.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    support::plane::Plane,
    support::terminal::{run, wavegate},
    support::{Schema, Shape, TestDb, unique},
};

#[tokio::test]
async fn settings_of_the_database_change_nothing() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Engine).await;
        let mut c = db.connect().await;
        for setting in [
            "intervalstyle = 'iso_8601'",
            "quote_all_identifiers = on",
            "standard_conforming_strings = off",
            "default_transaction_isolation = 'serializable'",
            "datestyle = 'German'",
            "timezone = 'Asia/Kathmandu'",
            "bytea_output = 'escape'",
            "statement_timeout = '40ms'",
            "idle_in_transaction_session_timeout = '40ms'",
            "lock_timeout = '1ms'",
        ] {
            let set = format!("ALTER DATABASE {} SET {setting}", db.name);
            c.execute(AssertSqlSafe(set)).await.unwrap();
        }
        // A look at a webhook takes longer than the time-out of the database.
        let slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
                    CREATE TRIGGER slow BEFORE UPDATE ON rule_webhooks FOR EACH STATEMENT EXECUTE FUNCTION slow()";
        c.execute(slow).await.unwrap();
        let told = |args: &[&str]| run(wavegate(args).env("DATABASE_URL", &db.url));
        let apply = [
            "schema",
            "apply",
            "--yes",
            "--i-have-a-backup",
            "--take-over-functions",
        ];
        for args in [&apply[..], &["schema", "verify"], &["status"], &["audit"]] {
            let said = told(args);
            assert_eq!(said.code, 0, "{args:?}: {said:?}");
        }
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        let hook = format!(
            "SET statement_timeout = 0; INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled) VALUES ('x', 'http://127.0.0.1:1/', 'both', true)"
        );
        c.execute(AssertSqlSafe(hook)).await.unwrap();
        let said = told(&["rollback", "--all", "--to", "queue", "--yes"]);
        assert_eq!(said.code, 0, "{said:?}");
        let mode: String = sqlx::query_scalar("SELECT publish_mode FROM rule_webhooks")
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(mode, "queue");
    }
}

#[tokio::test]
async fn row_level_security_that_comes_in_mid_migration_is_named() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 0).await;
    // Everything belongs to a role that no policy lets pass.
    let role = unique("owner").to_lowercase();
    let give = format!(
        "CREATE ROLE {role} LOGIN; GRANT pg_read_all_stats TO {role}; GRANT USAGE, CREATE ON SCHEMA public, wavegate TO {role};
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA wavegate TO {role};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA wavegate TO {role};
         GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA wavegate TO {role};
         ALTER VIEW wavegate.queue OWNER TO {role}; ALTER TABLE rule_webhook_calls OWNER TO {role}"
    );
    plane.sql.execute(AssertSqlSafe(give)).await.unwrap();
    plane.emit(webhook, 3).await;
    plane
        .sql
        .execute("ALTER TABLE rule_webhook_calls ENABLE ROW LEVEL SECURITY; ALTER TABLE rule_webhook_calls FORCE ROW LEVEL SECURITY")
        .await
        .unwrap();
    let url = plane.db.url.replace("postgres@", &format!("{role}@"));
    let told = |args: &[&str]| {
        run(wavegate(args)
            .env("DATABASE_URL", &url)
            .env("NATS_URL", plane.nats.url()))
    };
    for args in [
        &["status"][..],
        &["audit"],
        &["rollback", "--all", "--to", "queue", "--yes"],
    ] {
        let said = told(args);
        assert_ne!(said.code, 0, "{args:?}: {said:?}");
        assert!(
            said.err.contains("rule_webhook_calls")
                && said.err.contains("row-level security would hide rows"),
            "{args:?}: {said:?}"
        );
    }
    let worker = plane
        .start_with(&["worker", "--path", "queue"], &[("DATABASE_URL", &url)])
        .await;
    let end = std::time::Instant::now() + std::time::Duration::from_secs(40);
    while !worker
        .log_text()
        .contains("row-level security would hide rows")
    {
        assert!(std::time::Instant::now() < end, "{}", worker.log_text());
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn what_would_lead_past_rights_is_refused_all_at_once() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Engine).await;
        let mut c = db.connect().await;
        let queue = if shape == Shape::A {
            "rule_webhook_calls"
        } else {
            "rule_webhook_queue"
        };
        let role = unique("tenant").to_lowercase();
        let plant = format!(
            "CREATE ROLE {role} LOGIN; GRANT SELECT (status) ON {queue} TO {role};
             ALTER TABLE rule_webhooks ENABLE ROW LEVEL SECURITY;
             CREATE TABLE seen (at timestamptz);
             CREATE FUNCTION note_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO seen VALUES (now()); RETURN NEW; END';
             CREATE TRIGGER note_it BEFORE INSERT ON {queue} FOR EACH ROW EXECUTE FUNCTION note_it()"
        );
        c.execute(AssertSqlSafe(plant)).await.unwrap();
        let apply = || {
            run(wavegate([
                "schema",
                "apply",
                "--yes",
                "--i-have-a-backup",
                "--take-over-functions",
            ])
            .env("DATABASE_URL", &db.url))
        };
        let said = apply();
        assert_eq!(said.code, 5, "{said:?}");
        for part in [
            "row-level security",
            "grants by column",
            &role,
            "note_it on",
            "SET search_path",
        ] {
            assert!(said.err.contains(part), "{part}: {said:?}");
        }
        let made: Option<String> = sqlx::query_scalar("SELECT to_regnamespace('wavegate')::text")
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(made, None);
        let mend = format!(
            "REVOKE SELECT (status) ON {queue} FROM {role}; ALTER TABLE rule_webhooks DISABLE ROW LEVEL SECURITY;
             ALTER FUNCTION note_it() SET search_path = public, pg_temp"
        );
        c.execute(AssertSqlSafe(mend)).await.unwrap();
        let said = apply();
        assert_eq!(said.code, 0, "{said:?}");
        // The application's trigger runs inside our publisher, and finds its table.
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        let publish = format!(
            "INSERT INTO rule_webhooks (webhook_name, {url}) VALUES ('x', 'http://127.0.0.1:1/'); SELECT rule_webhook_enqueue(1, '{{}}')"
        );
        c.execute(AssertSqlSafe(publish)).await.unwrap();
        let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM seen")
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(seen, 1);
    }
}

#[tokio::test]
async fn a_payload_is_for_those_who_may_select_the_queue() {
    let db = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = db.connect().await;
    let (may, may_not) = (
        unique("may").to_lowercase(),
        unique("may_not").to_lowercase(),
    );
    let roles = format!(
        "CREATE ROLE {may} LOGIN; CREATE ROLE {may_not} LOGIN; GRANT SELECT ON rule_webhook_calls TO {may};
         ALTER FUNCTION rule_webhook_call_status(integer) SECURITY DEFINER SET search_path = public, pg_temp"
    );
    c.execute(AssertSqlSafe(roles)).await.unwrap();
    crate::support::migrate(&db.url).await;
    c.execute("INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled) VALUES ('x', 'http://127.0.0.1:1/', 'nats', true)")
        .await
        .unwrap();
    let call: i32 = sqlx::query_scalar("SELECT rule_webhook_enqueue(1, '{\"secret\": 7}')")
        .fetch_one(&mut c)
        .await
        .unwrap();
    for (role, shown) in [(&may, true), (&may_not, false)] {
        let url = db.url.replace("postgres@", &format!("{role}@"));
        let mut session = PgConnection::connect(&url).await.unwrap();
        let status: serde_json::Value = sqlx::query_scalar("SELECT rule_webhook_call_status($1)")
            .bind(call)
            .fetch_one(&mut session)
            .await
            .unwrap();
        assert_eq!(status["call_id"], call);
        assert_eq!(status.get("payload").is_some(), shown, "{status}");
    }
}

#[tokio::test]
async fn foreign_results_are_noted_whatever_the_session_says_of_itself() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let mut c = db.connect().await;
        let (queue, url) = match shape {
            Shape::A => ("rule_webhook_calls", "url"),
            Shape::B => ("rule_webhook_queue", "webhook_url"),
        };
        let role = unique("app").to_lowercase();
        let start = format!(
            "CREATE ROLE {role} LOGIN; GRANT SELECT, UPDATE, DELETE ON {queue} TO {role};
             INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled) VALUES ('x', 'http://127.0.0.1:1/', 'both', true);
             SELECT rule_webhook_enqueue(1, '{{}}') FROM generate_series(1, 3)"
        );
        c.execute(AssertSqlSafe(start)).await.unwrap();
        // An application that calls itself us.
        let mut app = PgConnection::connect(&db.url.replace("postgres@", &format!("{role}@")))
            .await
            .unwrap();
        let first = format!(
            "SET wavegate.actor = 'wavegate'; UPDATE {queue} SET status = 'success' WHERE event_id = (SELECT min(event_id) FROM {queue})"
        );
        app.execute(AssertSqlSafe(first)).await.unwrap();
        let noted = "SELECT count(*) FROM wavegate.foreign_results WHERE status = 'success'";
        assert_eq!(
            sqlx::query_scalar::<_, i64>(noted)
                .fetch_one(&mut c)
                .await
                .unwrap(),
            1
        );
        // A session that replays changes.
        let second = format!(
            "SET session_replication_role = replica; UPDATE {queue} SET status = 'success' WHERE status = 'pending' AND event_id = (SELECT max(event_id) FROM {queue})"
        );
        c.execute(AssertSqlSafe(second)).await.unwrap();
        assert_eq!(
            sqlx::query_scalar::<_, i64>(noted)
                .fetch_one(&mut c)
                .await
                .unwrap(),
            2
        );
        let epoch = "UPDATE rule_webhooks SET nats_share = 7 RETURNING mode_epoch";
        assert!(
            sqlx::query_scalar::<_, i64>(epoch)
                .fetch_one(&mut c)
                .await
                .unwrap()
                > 0
        );
        let error = c.execute("DELETE FROM rule_webhooks").await.unwrap_err();
        assert!(error.to_string().contains("undelivered events"), "{error}");
        // Ours are not noted.
        c.execute("SET session_replication_role = origin; SET wavegate.actor = 'wavegate'; UPDATE wavegate.queue SET status = 'success'")
            .await
            .unwrap();
        assert_eq!(
            sqlx::query_scalar::<_, i64>(noted)
                .fetch_one(&mut c)
                .await
                .unwrap(),
            2
        );
    }
}

#[tokio::test]
async fn a_digest_is_born_with_the_event_and_no_payload_fails_its_caller() {
    let db = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = db.connect().await;
    c.execute(
        "INSERT INTO rule_webhooks (webhook_name, url, publish_mode, nats_enabled) VALUES
             ('b', 'http://127.0.0.1:1/', 'both', true), ('n', 'http://127.0.0.1:1/', 'nats', true), ('q', 'http://127.0.0.1:1/', 'queue', false);
         SELECT rule_webhook_enqueue(w, '{\"text\": \"grüße ☃\"}') FROM generate_series(1, 3) w",
    )
    .await
    .unwrap();
    let right: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM rule_webhook_events e JOIN rule_nats_outbox o USING (event_id)
         WHERE e.payload_digest = sha256(convert_to(o.payload::text, 'UTF8')) AND o.payload_bytes = octet_length(o.payload::text)",
    )
    .fetch_one(&mut c)
    .await
    .unwrap();
    assert_eq!(right, 2);
    // A text of more than a gigabyte, which PostgreSQL cannot make.
    c.execute("SELECT rule_webhook_enqueue(2, (SELECT jsonb_agg(1e131000::numeric) FROM generate_series(1, 9000)))")
        .await
        .unwrap();
    let unknown: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM rule_webhook_events e JOIN rule_nats_outbox o USING (event_id) WHERE e.payload_digest IS NULL AND o.payload_bytes IS NULL",
    )
    .fetch_one(&mut c)
    .await
    .unwrap();
    assert_eq!(unknown, 1);
    // A trigger that keeps the row out of the queue.
    c.execute(
        "CREATE FUNCTION drop_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER drop_it BEFORE INSERT ON rule_webhook_calls FOR EACH ROW EXECUTE FUNCTION drop_it();
         SELECT rule_webhook_call_unified(1, '{}')",
    )
    .await
    .unwrap();
    let (has, prefers): (bool, String) = sqlx::query_as(
        "SELECT has_queue_row, prefers FROM rule_webhook_events ORDER BY seq DESC LIMIT 1",
    )
    .fetch_one(&mut c)
    .await
    .unwrap();
    assert_eq!((has, prefers.as_str()), (false, "nats"));
}
