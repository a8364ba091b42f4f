//! What lies around the engine's tables is named before the first step, and what a trigger keeps out of the queue has no queue row.

use sqlx::{AssertSqlSafe, Executor};
use wavegate::{
    gates::Status,
    store::schema::{self, Finding},
};

use crate::{
    gates::preflight::{find, names, world},
    support::plane::Plane,
    support::terminal::{run, wavegate},
    support::{Schema, Shape, TestDb},
};

#[tokio::test]
async fn a_column_of_a_row_type_is_named_before_the_first_step() {
    for column in ["rule_webhooks", "rule_webhooks[]", "holder", "QUEUE"] {
        let db = TestDb::new(Shape::A, Schema::Engine).await;
        let mut c = db.connect().await;
        c.execute("CREATE TYPE holder AS (id int, hook rule_webhooks)")
            .await
            .unwrap();
        let column = column.replace("QUEUE", "rule_webhook_calls");
        c.execute(AssertSqlSafe(format!(
            "CREATE TABLE audit_log (at timestamptz, seen {column})"
        )))
        .await
        .unwrap();
        let said = run(wavegate([
            "schema",
            "apply",
            "--yes",
            "--i-have-a-backup",
            "--take-over-functions",
        ])
        .env("DATABASE_URL", &db.url));
        assert_eq!(said.code, 5, "{column}: {said:?}");
        assert!(said.err.contains("audit_log.seen"), "{column}: {said:?}");
        let begun: Option<String> = sqlx::query_scalar("SELECT to_regnamespace('wavegate')::text")
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(begun, None, "{column}");
        c.execute("ALTER TABLE audit_log ALTER seen TYPE jsonb USING to_jsonb(seen)")
            .await
            .unwrap();
        let said = run(wavegate([
            "schema",
            "apply",
            "--yes",
            "--i-have-a-backup",
            "--take-over-functions",
        ])
        .env("DATABASE_URL", &db.url));
        assert_eq!(said.code, 0, "{column}: {said:?}");
    }
}

const KEEPS_OUT: &str = "CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $f$
    BEGIN IF NEW.payload ? 'known' THEN RETURN NULL; END IF; RETURN NEW; END $f$;
    CREATE TRIGGER deduplicates BEFORE INSERT ON QUEUE FOR EACH ROW EXECUTE FUNCTION keep_out()";

#[tokio::test]
async fn triggers_that_keep_rows_out_are_named_and_the_ledger_says_what_the_insert_did() {
    for shape in [Shape::A, Shape::B] {
        let queue = if shape == Shape::A {
            "rule_webhook_calls"
        } else {
            "rule_webhook_queue"
        };
        let engine = TestDb::new(shape, Schema::Engine).await;
        let trigger = KEEPS_OUT.replace("QUEUE", queue);
        engine
            .connect()
            .await
            .execute(AssertSqlSafe(trigger.clone()))
            .await
            .unwrap();
        let checks = schema::checks(&engine.db().await).await.unwrap();
        let check = checks
            .iter()
            .find(|check| check.check == "triggers that keep rows out")
            .unwrap();
        assert_eq!(check.finding, Finding::Warning);
        assert!(
            check.found.contains("deduplicates (public.keep_out())"),
            "{check:?}"
        );

        let mut w = world(shape).await;
        w.sql(&trigger).await;
        names(
            &w.check().await,
            "triggers that keep rows out",
            Status::Warn,
            "deduplicates",
        );

        let mut plane = Plane::new(shape).await;
        plane.sql.execute(AssertSqlSafe(trigger)).await.unwrap();
        let webhook = plane.webhook("ok", "both", 0).await;
        for payload in ["{\"known\": 1}", "{\"new\": 1}"] {
            plane
                .number(&format!(
                    "SELECT rule_webhook_enqueue({webhook}, '{payload}')::bigint"
                ))
                .await;
        }
        let said: Vec<(bool, bool)> = sqlx::query_as(
            "SELECT e.has_queue_row, EXISTS (SELECT FROM wavegate.queue q WHERE q.event_id = e.event_id) FROM rule_webhook_events e ORDER BY seq",
        )
        .fetch_all(&mut plane.sql)
        .await
        .unwrap();
        assert_eq!(said, [(false, false), (true, true)]);
        let _services = (plane.relay().await, plane.worker("both").await);
        plane.until_delivered(30).await;
        assert_eq!(plane.receiver.successes().len(), 2);
        let audit = plane.command(&["audit"]).await;
        assert_eq!(audit.code, 0, "{audit:?}");
    }
}

#[tokio::test]
async fn the_end_of_the_queues_numbers_is_named_in_days() {
    for shape in [Shape::A, Shape::B] {
        let mut w = world(shape).await;
        assert_eq!(
            find(&w.check().await, "numbers of the queue").status,
            Status::Ok
        );
        w.sql("SELECT setval(pg_get_serial_sequence('QUEUE', 'QUEUE_KEY'), 2147483000); SELECT rule_webhook_enqueue(1, '{}')").await;
        names(
            &w.check().await,
            "numbers of the queue",
            Status::Block,
            "646 left, 0.0 days",
        );
    }
}

#[tokio::test]
async fn health_and_preflight_know_which_config_a_relay_serves() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 100).await;
    let other = plane.webhook("ok", "nats", 0).await;
    let production: i64 = plane
        .number("INSERT INTO rule_nats_config (config_name, nats_url) VALUES ('production', 'nats://127.0.0.1:2') RETURNING config_id::bigint")
        .await;
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET nats_config_id = {production} WHERE webhook_id = {other}"
        ))
        .await;
    let relay = plane.relay().await;
    let _worker = plane.worker("both").await;
    plane.emit(webhook, 1).await;
    plane.until_delivered(30).await;
    plane
        .until(
            20,
            "SELECT count(*) FROM wavegate.relay WHERE config_id = 1 AND last_ack_at IS NOT NULL",
            1,
        )
        .await;
    for (call, connected) in [
        ("rule_nats_health_check('default') ->> 'connected'", "true"),
        (
            "rule_nats_health_check('production') ->> 'connected'",
            "false",
        ),
        ("rule_nats_init('production') ->> 'success'", "false"),
        (
            "rule_nats_test_connection('production') ->> 'success'",
            "false",
        ),
        (
            "(rule_nats_health_check('production') ->> 'error' LIKE '%wavegate relay --config production')::text",
            "true",
        ),
    ] {
        let answer: String = sqlx::query_scalar(AssertSqlSafe(format!("SELECT {call}")))
            .fetch_one(&mut plane.sql)
            .await
            .unwrap();
        assert_eq!(answer, connected, "{call}");
    }
    let log = relay.log_text();
    assert!(
        log.contains("no relay carries the events of config production"),
        "{log}"
    );

    let mut w = world(Shape::A).await;
    w.sql(
        "INSERT INTO rule_nats_config (config_name) VALUES ('production');
           UPDATE rule_webhooks SET publish_mode = 'both', nats_config_id = 2 WHERE webhook_id = 2;
           UPDATE wavegate.relay SET config_id = 1",
    )
    .await;
    names(
        &w.check().await,
        "configs without relay",
        Status::Block,
        "production (1 webhook)",
    );
}
