//! The roles of docs/privileges.md, as `wavegate schema roles` makes them: each can do its work on both shapes, from `init` on, and not
//! the others'; what lacks a right begins nothing.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wavegate::{
    bus::{self, Bus, BusOptions, Layer},
    model::{ConsumerDefinition, StreamDefinition},
};

use crate::{
    support::terminal::{Said, run, wavegate},
    support::{Schema, Shape, TestDb, TestNats, unique},
};

/// The roles of docs/privileges.md, as `wavegate schema roles` makes them, under names that are this test's own.
pub struct Roles {
    pub operator: String,
    pub carrier: String,
    pub reader: String,
    pub application: String,
}

impl Roles {
    pub async fn create(db: &TestDb) -> Roles {
        let name = |role: &str| unique(role).to_lowercase();
        let roles = Roles {
            operator: name("wavegate_operator"),
            carrier: name("wavegate_carrier"),
            reader: name("wavegate_reader"),
            application: name("application"),
        };
        roles.grant(db).await;
        roles
    }

    /// Runs what the command prints; before `init`, and again after `schema apply`.
    pub async fn grant(&self, db: &TestDb) -> Said {
        let args = [
            "schema",
            "roles",
            "--operator",
            &self.operator,
            "--carrier",
            &self.carrier,
            "--reader",
            &self.reader,
            "--application",
            &self.application,
        ];
        let said = run(wavegate(args).env("DATABASE_URL", &db.url));
        assert_eq!(said.code, 0, "{said:?}");
        let mut admin = db.connect().await;
        // As psql sends it: the owner looks along a path of its own.
        admin
            .execute(AssertSqlSafe(said.out.clone()))
            .await
            .unwrap_or_else(|error| panic!("{error}: {}", said.out));
        said
    }

    /// What a role that runs everything would be told.
    pub fn url(db: &TestDb, role: &str) -> String {
        db.url.replace("postgres@", &format!("{role}@"))
    }
}

async fn refused(connection: &mut PgConnection, sql: &'static str) {
    let error = connection.execute(sql).await.unwrap_err();
    assert!(
        error.to_string().contains("permission denied"),
        "{sql}: {error}"
    );
}

/// A hybrid webhook whose endpoint refuses connections.
async fn hybrid_webhook(db: &TestDb, shape: Shape) {
    let url = if shape == Shape::A {
        "url"
    } else {
        "webhook_url"
    };
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share) VALUES ('x', 'http://127.0.0.1:1/', 'both', true, 100)"
    );
    db.connect()
        .await
        .execute(AssertSqlSafe(insert))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_application_needs_the_functions_alone() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        hybrid_webhook(&db, shape).await;
        let roles = Roles::create(&db).await;
        let mut c = PgConnection::connect(&Roles::url(&db, &roles.application))
            .await
            .unwrap();
        for sql in [
            "SELECT rule_webhook_enqueue(1, '{}')",
            "SELECT rule_webhook_call_unified(1, '{}')",
            "SELECT rule_webhook_publish_nats(1, '{}', 'mine')",
        ] {
            c.execute(sql).await.unwrap();
        }
        for sql in [
            "SELECT FROM rule_webhook_events",
            "SELECT FROM rule_nats_outbox",
            "SELECT FROM wavegate.journal",
            "SELECT wavegate.publish(1, '{}', NULL, NULL, NULL, false)",
        ] {
            refused(&mut c, sql).await;
        }
    }
}

#[tokio::test]
async fn a_reader_looks_and_changes_nothing() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let url = Roles::url(&db, &Roles::create(&db).await.reader);
        for args in [
            vec!["schema", "status"],
            vec!["schema", "verify"],
            vec!["status"],
            vec!["history"],
            vec!["audit"],
        ] {
            let said = run(wavegate(&args).env("DATABASE_URL", &url));
            assert_eq!(said.code, 0, "{args:?}: {said:?}");
        }
        let mut c = PgConnection::connect(&url).await.unwrap();
        for sql in [
            "SELECT payload FROM wavegate.queue",
            "SELECT payload FROM rule_nats_outbox",
            "SELECT FROM rule_nats_config",
            "SELECT FROM rule_webhook_secrets",
            "UPDATE wavegate.webhooks SET publish_mode = 'nats'",
            "INSERT INTO rule_nats_fences (webhook_id) VALUES (1)",
        ] {
            refused(&mut c, sql).await;
        }
    }
}

#[tokio::test]
async fn an_operator_requeues_and_discards_what_is_dead() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        hybrid_webhook(&db, shape).await;
        let mut c = db.connect().await;
        for _ in 0..2 {
            c.execute("SELECT rule_webhook_call_unified(1, '{}')")
                .await
                .unwrap();
        }
        c.execute("UPDATE rule_webhooks SET publish_mode = 'queue', nats_share = 0; SELECT rule_webhook_enqueue(1, '{}'); SET wavegate.actor = 'wavegate'")
            .await
            .unwrap();
        let url = Roles::url(&db, &Roles::create(&db).await.operator);
        for args in [
            vec!["dead", "requeue", "--all", "--yes"],
            vec!["dead", "discard", "--all", "--confirm", "all"],
        ] {
            c.execute("UPDATE rule_webhook_events SET state = 'dead'; UPDATE wavegate.queue SET status = 'failed'")
                .await
                .unwrap();
            let said = run(wavegate(&args).env("DATABASE_URL", &url));
            assert_eq!(said.code, 0, "{args:?}: {said:?}");
            assert!(said.out.contains("3 events, all webhooks"), "{said:?}");
            assert!(!said.out.contains("left"), "{said:?}");
        }
    }
}

/// A relay or a worker, until it is dropped.
struct Service(Child);

impl Service {
    fn start(args: &[&str], db: &str, nats: &TestNats) -> Service {
        let mut child = wavegate(args)
            .env("DATABASE_URL", db)
            .env("NATS_URL", &nats.url)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let service = Service(child);
        let mut seen = String::new();
        let mut lines = BufReader::new(stderr).lines();
        while !seen.contains("ready") {
            let line = lines.next().unwrap_or_else(|| panic!("{args:?}: {seen}"));
            seen.push_str(&line.unwrap());
        }
        std::thread::spawn(move || lines.count());
        service
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.0.id().cast_signed()), Signal::SIGTERM);
        let _ = self.0.wait();
    }
}

/// A stream with its consumer, a webhook with a subject in it, and the engine's settings that name both.
async fn prepare(db: &TestDb, shape: Shape, nats: &TestNats) -> PgConnection {
    let layer = Layer {
        servers: vec![nats.url.clone()],
        ..Layer::default()
    };
    let options = BusOptions::from_layers(&[layer], Duration::from_secs(5)).unwrap();
    let bus = Bus::connect(&options).await.unwrap();
    let subject = nats.prefix.to_lowercase();
    let wanted = StreamDefinition::safe(&nats.prefix, vec![format!("{subject}.>")]);
    bus::ensure_stream(&bus, &wanted).await.unwrap();
    let durable = ConsumerDefinition::new(ConsumerDefinition::NAME);
    bus::ensure_consumer(&bus, &nats.prefix, &durable)
        .await
        .unwrap();
    hybrid_webhook(db, shape).await;
    let mut admin = db.connect().await;
    let settings = format!(
        "UPDATE rule_webhooks SET nats_subject = '{subject}.1';
         UPDATE rule_nats_config SET stream_name = '{}', subject_prefix = '{subject}'",
        nats.prefix
    );
    admin.execute(AssertSqlSafe(settings)).await.unwrap();
    admin
}

#[tokio::test]
async fn relay_and_workers_carry_an_event_as_their_own_role() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let nats = TestNats::new();
        let mut admin = prepare(&db, shape, &nats).await;
        let url = Roles::url(&db, &Roles::create(&db).await.carrier);
        let _services = [
            Service::start(&["relay"], &url, &nats),
            Service::start(&["worker"], &url, &nats),
        ];
        admin
            .execute("SELECT rule_webhook_call_unified(1, '{}')")
            .await
            .unwrap();
        // Published, seen, claimed, tried, and the failure recorded in ledger and queue row.
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let done: bool = sqlx::query_scalar(
                "SELECT e.published_at IS NOT NULL AND e.nats_seen_at IS NOT NULL AND e.attempt > 0 AND e.state = 'retrying'
                        AND q.status = 'retrying' AND EXISTS (SELECT FROM rule_nats_publish_history WHERE success)
                        AND (SELECT count(*) FROM wavegate.worker) >= 2
                 FROM rule_webhook_events e JOIN wavegate.queue q USING (call_id)",
            )
            .fetch_one(&mut admin)
            .await
            .unwrap();
            if done {
                break;
            }
            let row: String = sqlx::query_scalar("SELECT e::text FROM rule_webhook_events e")
                .fetch_one(&mut admin)
                .await
                .unwrap();
            assert!(Instant::now() < end, "{row}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut c = PgConnection::connect(&url).await.unwrap();
        refused(&mut c, "UPDATE wavegate.webhooks SET publish_mode = 'nats'").await;
        refused(&mut c, "SELECT FROM wavegate.journal").await;
    }
}

#[tokio::test]
async fn an_operator_takes_a_wave_forward_and_back() {
    for shape in [Shape::A, Shape::B] {
        let db = TestDb::new(shape, Schema::Migrated).await;
        let nats = TestNats::new();
        let mut admin = prepare(&db, shape, &nats).await;
        admin
            .execute("UPDATE rule_webhooks SET publish_mode = 'queue', nats_enabled = false, nats_subject = NULL")
            .await
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let plan = dir.path().join("plan.yaml");
        let subject = nats.prefix.to_lowercase();
        let text = format!(
            "version: 1\nname: roles\nnats: {{ stream: {}, subject: \"{subject}.{{id}}\" }}\n\
             defaults:\n  gates: {{ workers: {{ nats: 1, queue: 1, silent_after: 30s }} }}\n\
             waves: [{{ name: pilot, webhooks: [x] }}]\n",
            nats.prefix
        );
        std::fs::write(&plan, text).unwrap();
        let plan = plan.to_str().unwrap();

        let roles = Roles::create(&db).await;
        let services = Roles::url(&db, &roles.carrier);
        let _services = [
            Service::start(&["relay"], &services, &nats),
            Service::start(&["worker"], &services, &nats),
        ];
        let url = Roles::url(&db, &roles.operator);
        let operate = |args: &[&str]| {
            run(wavegate(args)
                .env("DATABASE_URL", &url)
                .env("NATS_URL", &nats.url))
        };
        let mode = "SELECT publish_mode FROM rule_webhooks";
        let planned = operate(&["plan", plan]);
        assert_eq!(planned.code, 0, "{planned:?}");
        let checked = operate(&["preflight", plan, "--i-have-a-backup"]);
        assert!(!checked.err.contains("permission denied"), "{checked:?}");
        let applied = operate(&["apply", plan, "--wave", "pilot", "--yes"]);
        assert_eq!(applied.code, 0, "{applied:?}");
        let found: String = sqlx::query_scalar(mode)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        assert_eq!(found, "both");
        let gates = operate(&["gate", plan]);
        assert!([0, 3, 4].contains(&gates.code), "{gates:?}");
        let back = operate(&["rollback", "--all", "--to", "queue", "--yes"]);
        assert_eq!(back.code, 0, "{back:?}");
        let found: String = sqlx::query_scalar(mode)
            .fetch_one(&mut admin)
            .await
            .unwrap();
        assert_eq!(found, "queue");

        let mut c = PgConnection::connect(&url).await.unwrap();
        for sql in [
            "SELECT FROM rule_webhook_secrets",
            "UPDATE wavegate.journal SET who = 'nobody'",
            "ALTER TABLE rule_webhooks ADD COLUMN x int",
        ] {
            let error = c.execute(sql).await.unwrap_err().to_string();
            assert!(
                error.contains("permission denied") || error.contains("must be owner"),
                "{sql}: {error}"
            );
        }
    }
}
