//! Preflight sees what is planted: each hazard by itself, on a ready database and stream, named with its remedy.

use sqlx::{Executor, PgConnection};
use wavegate::{
    bus::Bus,
    engine::preflight::{self, Inputs},
    gates::{Finding, Status},
    plan::Plan,
    store::{Db, clock},
};

use crate::{
    gates::evaluate::{bus, crew, furnish, plan},
    gates::measure::webhooks,
    support::{Schema, Shape, TestDb, TestNats},
};

pub struct World {
    pub test: TestDb,
    pub nats: TestNats,
    pub c: PgConnection,
    pub db: Db,
    pub bus: Bus,
    pub plan: Plan,
}

/// Everything in place; two webhooks in the queue.
pub async fn world(shape: Shape) -> World {
    let test = TestDb::new(shape, Schema::Migrated).await;
    let nats = TestNats::new();
    let mut c = test.connect().await;
    webhooks(&mut c, shape).await;
    let db = test.db().await;
    let bus = bus(&nats.url).await;
    furnish(&mut c, &db, &bus, &nats).await;
    crew(&mut c).await;
    c.execute("UPDATE rule_webhooks SET publish_mode = 'queue', nats_subject = NULL")
        .await
        .unwrap();
    c.execute("SELECT rule_webhook_enqueue(1, '{\"size\": 1}')")
        .await
        .unwrap();
    let plan = plan(&nats);
    World {
        test,
        nats,
        c,
        db,
        bus,
        plan,
    }
}

impl World {
    pub async fn sql(&mut self, sql: &str) {
        let queue = match self.db.shape().queue_table() {
            "rule_webhook_calls" => ("rule_webhook_calls", "call_id"),
            table => (table, "queue_id"),
        };
        let sql = sql.replace("QUEUE_KEY", queue.1).replace("QUEUE", queue.0);
        self.c.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }

    pub async fn check(&self) -> Vec<Finding> {
        self.check_with(&self.plan).await
    }

    pub async fn check_with(&self, plan: &Plan) -> Vec<Finding> {
        let inputs = Inputs {
            db: &self.db,
            bus: Ok(&self.bus),
            plan,
            backup: true,
            now: clock::now(&self.db).await.unwrap(),
        };
        preflight::check(&inputs, &|_| {}).await
    }
}

pub fn find<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    findings
        .iter()
        .find(|f| f.check == check)
        .unwrap_or_else(|| panic!("no check {check}: {findings:?}"))
}

/// The check names the hazard, and says what to do.
pub fn names(findings: &[Finding], check: &str, status: Status, part: &str) {
    let finding = find(findings, check);
    assert_eq!(finding.status, status, "{finding:?}");
    assert!(finding.found.contains(part), "{part:?} in {finding:?}");
    assert!(
        !finding.remedy.is_empty() && !finding.wanted.is_empty(),
        "{finding:?}"
    );
}

/// What cannot be seen from here stays a warning on a perfect world too.
const NEVER_OK: [&str; 2] = ["disk of PostgreSQL", "disk of JetStream"];

#[tokio::test]
async fn a_ready_world_has_nothing_in_the_way() {
    for shape in [Shape::A, Shape::B] {
        let w = world(shape).await;
        for finding in w.check().await {
            let clock = finding.check == "clocks" && finding.found.contains("did not tell");
            // Before PostgreSQL 15 everybody may create in the schema public.
            let public =
                finding.check == "creating in the engine's schema" && finding.found == "PUBLIC";
            let unseen = NEVER_OK.contains(&finding.check.as_str()) || clock || public;
            let wanted = if unseen { Status::Warn } else { Status::Ok };
            assert_eq!(finding.status, wanted, "{shape:?}: {finding:?}");
        }
    }
}

#[tokio::test]
async fn a_database_without_migration_007_is_told_so_and_nothing_is_called_ok() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Engine).await;
        let db = test.db().await;
        let plan = plan(&TestNats::new());
        let inputs = Inputs {
            db: &db,
            bus: Err("there is no table rule_nats_config".into()),
            plan: &plan,
            backup: false,
            now: clock::now(&db).await.unwrap(),
        };
        let findings = preflight::check(&inputs, &|_| {}).await;
        names(&findings, "schema", Status::Block, "missing");
        names(&findings, "unified call", Status::Block, "missing");
        names(&findings, "deleting webhooks", Status::Block, "CASCADE");
        for check in ["publish mode", "functions", "subjects", "relay", "nats"] {
            names(
                &findings,
                check,
                Status::Warn,
                "migration 007 is not in place",
            );
        }
        names(&findings, "backup", Status::Warn, "unknown");
    }
}

/// Hazards that one SQL statement plants: (statement, check, status, what the finding says).
const PLANTED: &[(&str, &str, Status, &str)] = &[
    (
        "UPDATE rule_webhooks SET publish_mode = NULL WHERE webhook_id = 2",
        "publish mode",
        Status::Warn,
        "NULL for 1 webhooks, for example 2",
    ),
    (
        "INSERT INTO QUEUE (webhook_id, payload, status, event_id, started_at, created_at) \
         VALUES (1, '{}', 'processing', 'stuck', now() - interval '3 h', now() - interval '3 h')",
        "stuck rows",
        Status::Warn,
        "1 rows `processing`",
    ),
    (
        "INSERT INTO rule_webhook_call_history (attempt_number) SELECT 1 FROM generate_series(1, 10000); ANALYZE rule_webhook_call_history",
        "deleting queue rows",
        Status::Warn,
        "rule_webhook_call_history (call_id), some 10000 rows",
    ),
    (
        "INSERT INTO QUEUE (webhook_id, payload, status, event_id, completed_at) VALUES (1, '{}', 'success', 'theirs', now())",
        "foreign queue worker",
        Status::Warn,
        "1 rows finished",
    ),
    (
        "CREATE FUNCTION nightly_import() RETURNS void LANGUAGE plpgsql AS \
         $f$ BEGIN INSERT INTO QUEUE (webhook_id, payload) VALUES (1, '{}'); END $f$",
        "other writers",
        Status::Block,
        "nightly_import()",
    ),
    (
        "CREATE SCHEMA app; CREATE FUNCTION app.put(int) RETURNS int LANGUAGE sql AS \
         $f$ insert  into\n public.\"QUEUE\" (webhook_id, payload) VALUES ($1, '{}') RETURNING QUEUE_KEY $f$",
        "other writers",
        Status::Block,
        "app.put(integer)",
    ),
    (
        "CREATE TABLE audit_calls (call_id int REFERENCES QUEUE)",
        "keys onto the queue",
        Status::Block,
        "audit_calls",
    ),
    (
        "INSERT INTO QUEUE (webhook_id, payload, status) VALUES (2, '{}', 'pending')",
        "rows without event id",
        Status::Block,
        "1 in the last hour, for example of webhook 2",
    ),
    (
        "CREATE FUNCTION rule_webhook_call_with_http(int, jsonb) RETURNS jsonb LANGUAGE sql AS $f$ SELECT $2 $f$",
        "direct HTTP calls",
        Status::Warn,
        "which fails without",
    ),
    (
        "ALTER TABLE QUEUE ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON QUEUE USING (true)",
        "row-level security",
        Status::Block,
        "rule_webhook_",
    ),
    (
        "ALTER TABLE rule_webhooks DISABLE TRIGGER wavegate_guard",
        "deleting webhooks",
        Status::Block,
        "ON DELETE CASCADE",
    ),
    (
        "CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint, command text, active boolean); \
         INSERT INTO cron.job VALUES (7, 'SELECT rule_webhook_cleanup_old_calls(''1 day'')', true), (8, 'VACUUM', true), \
                                     (9, 'DELETE FROM rule_nats_publish_history', false)",
        "clean-up jobs",
        Status::Warn,
        "job 7: SELECT rule_webhook_cleanup_old_calls",
    ),
    (
        "UPDATE rule_webhooks SET enabled = false WHERE webhook_id = 1",
        "disabled webhooks",
        Status::Warn,
        "w1 (1): 1",
    ),
    (
        "INSERT INTO QUEUE (webhook_id, payload, event_id) VALUES (1, to_jsonb(repeat('x', 2000000)), 'large')",
        "payload size",
        Status::Block,
        "1 payloads of the last 7 days are larger, up to 1.9 MB (webhook 1)",
    ),
    (
        "INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, message_id, success) \
         VALUES (1, 's', '{}', 'order-42', true), (2, 's', '{}', 'order-42', true), (2, 's', '{}', 'order-43', true)",
        "message ids",
        Status::Warn,
        "order-42",
    ),
    (
        "CREATE OR REPLACE FUNCTION rule_webhook_enqueue(p_webhook_id integer, p_payload jsonb, p_rule_name text DEFAULT NULL, \
         p_scheduled_at timestamptz DEFAULT CURRENT_TIMESTAMP) RETURNS integer LANGUAGE sql AS $f$ SELECT 42 $f$",
        "functions",
        Status::Block,
        "rule_webhook_enqueue",
    ),
    (
        "DROP FUNCTION rule_webhook_call_unified(integer, jsonb)",
        "unified call",
        Status::Block,
        "missing: rule_webhook_call_unified",
    ),
    (
        "CREATE OR REPLACE FUNCTION rule_webhook_call_unified(p_webhook_id integer, p_payload jsonb) RETURNS jsonb \
         LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'",
        "unified call",
        Status::Block,
        "still the engine's C function: rule_webhook_call_unified",
    ),
    (
        "ALTER EXTENSION plpgsql ADD FUNCTION rule_webhook_call_unified(integer, jsonb)",
        "owned by extension",
        Status::Block,
        "rule_webhook_call_unified by plpgsql",
    ),
    (
        "ALTER TABLE wavegate.relay DROP COLUMN lag_ms",
        "schema",
        Status::Block,
        "lag_ms",
    ),
    (
        "UPDATE rule_webhooks SET nats_subject = 'webhooks.*' WHERE webhook_id = 1",
        "subjects",
        Status::Block,
        "w1 has a subject with a wildcard",
    ),
    (
        "UPDATE rule_webhooks SET nats_subject = 'e7.1' WHERE webhook_id = 1",
        "subjects",
        Status::Block,
        "w1 publishes to e7.1, which is not in the stream",
    ),
    (
        "UPDATE rule_webhooks SET nats_subject = 'webhooks..x' WHERE webhook_id = 1",
        "subjects",
        Status::Block,
        "w1 has a subject with an empty token",
    ),
    (
        "UPDATE rule_webhooks SET enabled = false",
        "webhooks",
        Status::Block,
        "2 webhooks, 0 enabled",
    ),
    (
        "UPDATE wavegate.relay SET seen_at = now() - interval '1 min'",
        "relay",
        Status::Warn,
        "none heard from",
    ),
    (
        "DELETE FROM wavegate.worker WHERE worker_id = 'n1'",
        "NATS workers",
        Status::Warn,
        "1 alive",
    ),
    (
        "DELETE FROM wavegate.worker WHERE path = 'queue'",
        "queue workers",
        Status::Warn,
        "0 alive",
    ),
    (
        "UPDATE rule_webhooks SET url = 'http://secret@a.example:99999/' WHERE webhook_id = 1; UPDATE rule_webhooks SET url = 'ftp://secret@a.example' WHERE webhook_id = 2",
        "webhook URLs",
        Status::Warn,
        "(1): invalid port number, ",
    ),
    (
        "UPDATE rule_webhooks SET url = '//a.example/x' WHERE webhook_id = 2",
        "webhook URLs",
        Status::Warn,
        "(2): relative URL without a base",
    ),
    (
        "UPDATE rule_webhooks SET headers = '{\"Content-Length\": 3, \"X-A\": \"b\", \"proxy-authorization\": \"secret\"}' WHERE webhook_id = 2",
        "webhook headers",
        Status::Warn,
        "(2): Content-Length proxy-authorization",
    ),
    (
        "INSERT INTO rule_webhook_secrets (webhook_id, secret_name, secret_value) VALUES (1, 'signing_secret', 'whsec_c2VjcmV0'), (2, 'signing_secret', 'whsec_secret***')",
        "signing secrets",
        Status::Warn,
        "(2): the signing secret is not base64",
    ),
    (
        "UPDATE rule_nats_config SET nats_url = 'nats://x:1' WHERE false; DELETE FROM QUEUE",
        "payload size",
        Status::Warn,
        "no payload",
    ),
];

#[tokio::test]
async fn every_hazard_in_the_database_is_named() {
    let mut wrong = Vec::new();
    for shape in [Shape::A, Shape::B] {
        // What does not touch the queue is the same on both shapes.
        for (sql, check, status, part) in PLANTED
            .iter()
            .filter(|case| shape == Shape::A || case.0.contains("QUEUE"))
        {
            let mut w = world(shape).await;
            w.sql(sql).await;
            let findings = w.check().await;
            let finding = find(&findings, check);
            if finding.status != *status
                || !finding.found.contains(part)
                || finding.remedy.is_empty()
            {
                wrong.push(format!(
                    "{shape:?} {sql}\n  wanted {status:?} {part}\n  {finding:?}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn who_holds_up_a_barrier_is_named() {
    let mut w = world(Shape::A).await;
    w.sql("BEGIN; SELECT 1; PREPARE TRANSACTION 'forgotten'")
        .await;
    names(
        &w.check().await,
        "prepared transactions",
        Status::Warn,
        "`forgotten`",
    );
    w.sql("ROLLBACK PREPARED 'forgotten'").await;
    // A transaction becomes old by waiting only; the question takes the age as a parameter.
    w.sql("BEGIN").await;
    w.sql("SELECT txid_current()").await;
    let old = wavegate::store::inventory::long_transactions(&w.db, 0.0)
        .await
        .unwrap();
    assert!(
        old.iter().any(|t| t.state == "idle in transaction"),
        "{old:?}"
    );
    assert_eq!(
        find(&w.check().await, "long transactions").status,
        Status::Ok
    );
}

#[tokio::test]
async fn roles_that_would_lose_their_way_are_named() {
    let mut w = world(Shape::A).await;
    let role = crate::support::unique("app");
    w.sql(&format!(
        "CREATE ROLE {role} LOGIN; GRANT INSERT ON QUEUE TO {role}"
    ))
    .await;
    w.sql("REVOKE EXECUTE ON FUNCTION rule_webhook_enqueue FROM PUBLIC")
        .await;
    names(&w.check().await, "roles", Status::Block, &role);
    w.sql(&format!(
        "GRANT EXECUTE ON FUNCTION rule_webhook_enqueue, rule_webhook_call_unified TO {role}"
    ))
    .await;
    assert_eq!(find(&w.check().await, "roles").status, Status::Ok);

    // And a wavegate that cannot see other sessions has no barrier.
    w.sql(&format!(
        "GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
    ))
    .await;
    let url = w.test.url.replace("postgres@", &format!("{role}@"));
    let db = crate::support::open(&url).await;
    let server = wavegate::store::inventory::server(&db).await.unwrap();
    assert!(!server.reads_stats && server.role == role);
    let inputs = Inputs {
        db: &db,
        bus: Ok(&w.bus),
        plan: &w.plan,
        backup: true,
        now: clock::now(&w.db).await.unwrap(),
    };
    names(
        &preflight::check(&inputs, &|_| {}).await,
        "rights",
        Status::Block,
        "no barrier",
    );
    drop(db);
    w.sql(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}

#[tokio::test]
async fn webhooks_that_no_wave_has_are_named() {
    let w = world(Shape::A).await;
    let text = w
        .plan
        .text()
        .replace("match: { rest: true }", "webhooks: [w1, nobody]");
    let plan = Plan::parse(&text).unwrap();
    let findings = w.check_with(&plan).await;
    names(
        &findings,
        "webhooks not in the plan",
        Status::Warn,
        "w2 (2)",
    );
    names(&findings, "plan", Status::Block, "nobody");
}
