//! The gatekeeper on real servers: which gates a step gets, what they say, and that every answer is kept.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use sqlx::{Executor, PgConnection, Row};
use wavegate::{
    bus::{self, Bus, BusOptions, Layer},
    engine::gatekeeper::{self, Candidate},
    gates::{GateResult, Report, Verdict},
    model::{ConsumerDefinition, Mode, Share},
    plan::Plan,
    store::{
        Db, DbOptions, clock,
        journal::Actor,
        nats_config,
        state::{self, Beginning, Migration},
    },
};

use crate::{
    gates::measure::webhooks,
    support::{Schema, Shape, TestDb, TestNats},
};

/// A hybrid wave of two webhooks, with stream, consumer and crew.
pub struct World {
    test: TestDb,
    nats: TestNats,
    pub c: PgConnection,
    pub db: Db,
    bus: Bus,
    pub plan: Plan,
}

pub async fn bus(url: &str) -> Bus {
    let layer = Layer {
        servers: vec![url.to_string()],
        ..Layer::default()
    };
    let options = BusOptions::from_layers(&[layer], Duration::from_secs(2)).unwrap();
    Bus::connect(&options).await.unwrap()
}

/// A plan of one wave `all` whose stream and subjects are this test's own.
pub fn plan(nats: &TestNats) -> Plan {
    let (stream, prefix) = (&nats.prefix, nats.prefix.to_lowercase());
    Plan::parse(&format!(
        "version: 1\nname: test\nnats: {{ config: default, stream: {stream}, subject: \"{prefix}.{{id}}\" }}\n\
         defaults:\n  soak: 4h\n  watch: 1h\n  shares: [0, 10, 50, 100]\n  gates: {{ success: {{ min_events: 20, margin: 5%, block: 1s }} }}\n\
         waves:\n  - {{ name: all, match: {{ rest: true }} }}\n"
    ))
    .unwrap()
}

/// The plan's stream and consumer, and webhooks and config that fit them.
pub async fn furnish(c: &mut PgConnection, db: &Db, bus: &Bus, nats: &TestNats) {
    let (stream, prefix) = (&nats.prefix, nats.prefix.to_lowercase());
    for sql in [
        format!(
            "UPDATE rule_nats_config SET subject_prefix = '{prefix}', stream_name = '{stream}', nats_url = '{}'",
            nats.url
        ),
        format!(
            "UPDATE rule_webhooks SET nats_subject = '{prefix}.' || webhook_id, nats_config_id = 1"
        ),
    ] {
        c.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
    }
    let config = nats_config::load(db, "default").await.unwrap();
    let wanted = nats_config::wanted_stream(db, &config, Some(stream))
        .await
        .unwrap();
    bus::ensure_stream(bus, &wanted).await.unwrap();
    let durable = ConsumerDefinition::new(ConsumerDefinition::NAME);
    bus::ensure_consumer(bus, stream, &durable).await.unwrap();
}

/// A relay, two NATS workers and a queue worker, all just heard from.
pub async fn crew(c: &mut PgConnection) {
    c.execute(
        "INSERT INTO wavegate.relay (relay_id, host, pid, started_at, seen_at, partitions, lag_ms) \
             VALUES ('r', 'h', 1, now(), clock_timestamp(), '{0,1,2,3,4,5,6,7}', 20)",
    )
    .await
    .unwrap();
    c.execute(
        "INSERT INTO wavegate.worker (worker_id, path, host, pid, started_at, seen_at) \
             VALUES ('n1', 'nats', 'h', 1, now(), clock_timestamp()), ('n2', 'nats', 'h', 2, now(), clock_timestamp()), \
                    ('q1', 'queue', 'h', 3, now(), clock_timestamp())",
    )
    .await
    .unwrap();
}

pub async fn world(shape: Shape) -> World {
    let test = TestDb::new(shape, Schema::Migrated).await;
    let nats = TestNats::new();
    let mut c = test.connect().await;
    webhooks(&mut c, shape).await;
    let db = test.db().await;
    let bus = bus(&nats.url).await;
    furnish(&mut c, &db, &bus, &nats).await;
    crew(&mut c).await;
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
    /// The migration, with its wave in this step since two hours.
    pub async fn at(&mut self, step: &str, share: u8) -> Migration {
        let actor = Actor {
            who: "test".into(),
            host: "here".into(),
            command: "test".into(),
        };
        if state::load(&self.db).await.unwrap().is_none() {
            let members = sqlx::query_scalar("SELECT webhook_id FROM rule_webhooks ORDER BY 1");
            let members = members.fetch_all(&mut self.c).await.unwrap();
            let beginning = Beginning {
                name: "test".into(),
                plan: self.plan.text().into(),
                hash: self.plan.hash().into(),
                waves: vec![("all".into(), members)],
            };
            state::start(&self.db, &actor, &beginning).await.unwrap();
        }
        let mode = if step == "hybrid" { "both" } else { step };
        for sql in [
            format!(
                "UPDATE wavegate.wave SET step = '{step}', share = {share}, entered_at = now() - interval '2 h'"
            ),
            format!("UPDATE rule_webhooks SET publish_mode = '{mode}', nats_share = {share}"),
        ] {
            self.c.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
        }
        state::load(&self.db).await.unwrap().unwrap()
    }

    /// Delivered events of both arms, within the last two hours, one a second.
    pub async fn events(&mut self, prefers: &str, count: i32, failed: i32) {
        sqlx::query(
            "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, created_at, due_at, \
             state, path, attempt, delivered_at, published_at, nats_seen_at, publish_count, error, payload_digest, sent_digest) \
             SELECT md5(random()::text), 1 + n % 2, 1, nextval('rule_webhook_events_seq_seq'), true, true, $1, t, t, \
                    CASE WHEN n <= $3 THEN 'dead' ELSE 'delivered' END, $1, 1, t + interval '80 ms', t, t, 1, \
                    CASE WHEN n <= $3 THEN 'HTTP 500' END, sha256('x'), sha256('x') \
             FROM generate_series(1, $2) n, LATERAL (SELECT now() - interval '5 min' - n * interval '1 s' AS t) t",
        )
        .bind(prefers)
        .bind(count)
        .bind(failed)
        .execute(&mut self.c)
        .await
        .unwrap();
    }

    pub async fn evaluate(&self, migration: Option<&Migration>, to: Mode) -> Report {
        let now = clock::now(&self.db).await.unwrap();
        self.evaluate_at(migration, to, now).await
    }

    async fn evaluate_at(
        &self,
        migration: Option<&Migration>,
        to: Mode,
        now: DateTime<Utc>,
    ) -> Report {
        let wave = self.plan.wave("all").unwrap();
        gatekeeper::evaluate(
            &self.db,
            Ok(&self.bus),
            &self.plan,
            migration,
            &Candidate::new(migration, wave, to),
            now,
        )
        .await
        .unwrap()
    }
}

pub fn both(share: u8) -> Mode {
    Mode::Both(Share::new(share).unwrap())
}

pub fn gate<'a>(report: &'a Report, name: &str) -> &'a GateResult {
    report.results.iter().find(|r| r.gate == name).unwrap()
}

fn all_pass(report: &Report) {
    for result in &report.results {
        assert_eq!(result.verdict, Verdict::Pass, "{result:?}");
    }
    assert_eq!(report.verdict(), Verdict::Pass);
}

#[tokio::test]
async fn entering_needs_everything_in_place_and_no_traffic() {
    for shape in [Shape::A, Shape::B] {
        let mut w = world(shape).await;
        w.c.execute("UPDATE rule_webhooks SET publish_mode = 'queue', nats_subject = NULL")
            .await
            .unwrap();
        all_pass(&w.evaluate(None, both(0)).await);

        w.c.execute("UPDATE wavegate.relay SET stopped_at = now()")
            .await
            .unwrap();
        w.bus
            .jetstream()
            .delete_stream(&w.nats.prefix)
            .await
            .unwrap();
        let report = w.evaluate(None, both(0)).await;
        assert_eq!(report.verdict(), Verdict::Fail);
        assert!(gate(&report, "workers").reason.contains("0 relays alive"));
        assert!(
            gate(&report, "stream")
                .reason
                .contains("there is no stream")
        );
        assert!(
            gate(&report, "consumer")
                .reason
                .contains("there is no consumer")
        );
        assert!(
            gate(&report, "subjects")
                .reason
                .contains("not in the stream")
        );
        // Nobody can say what waits.
        assert_eq!(gate(&report, "backlog").verdict, Verdict::Inconclusive);
    }
}

#[tokio::test]
async fn workers_that_beat_and_acknowledge_nothing_do_not_pass() {
    let mut w = world(Shape::A).await;
    let migration = w.at("hybrid", 0).await;
    let subject = format!("{}.1", w.nats.prefix.to_lowercase());
    for _ in 0..2 {
        let sent = w.bus.jetstream().publish(subject.clone(), "{}".into());
        sent.await.unwrap().await.unwrap();
    }
    let says = async |w: &World, seconds| {
        let at = clock::now(&w.db).await.unwrap() + TimeDelta::seconds(seconds);
        for table in ["worker", "relay"] {
            let beat = format!("UPDATE wavegate.{table} SET seen_at = $1");
            let mut c = w.test.connect().await;
            sqlx::query(sqlx::AssertSqlSafe(beat))
                .bind(at)
                .execute(&mut c)
                .await
                .unwrap();
        }
        let report = w.evaluate_at(Some(&migration), both(10), at).await;
        let workers = gate(&report, "workers");
        (workers.verdict, workers.reason.clone())
    };
    assert_eq!(says(&w, 0).await.0, Verdict::Pass, "they have just come");
    let (verdict, reason) = says(&w, 150).await;
    assert_eq!(verdict, Verdict::Inconclusive, "{reason}");
    assert!(
        reason.contains(
            "acknowledged nothing so far; 2 messages wait in the stream, the first for 2 min"
        ),
        "{reason}"
    );
    // The server tells when anything was acknowledged; then a message that nobody waits for is gone.
    let acknowledge = async || {
        let consumer = bus::open_consumer(&w.bus, &w.nats.prefix, ConsumerDefinition::NAME).await;
        let mut batch = consumer
            .unwrap()
            .fetch()
            .max_messages(1)
            .messages()
            .await
            .unwrap();
        batch
            .next()
            .await
            .unwrap()
            .unwrap()
            .double_ack()
            .await
            .unwrap();
    };
    acknowledge().await;
    let (verdict, reason) = says(&w, 150).await;
    assert_eq!(verdict, Verdict::Inconclusive, "{reason}");
    assert!(
        reason.contains("acknowledged nothing for 2 min") && reason.contains("1 message waits"),
        "{reason}"
    );
    acknowledge().await;
    let (verdict, reason) = says(&w, 150).await;
    assert_eq!(verdict, Verdict::Pass, "{reason}");
}

#[tokio::test]
async fn a_good_canary_passes_and_every_answer_is_kept() {
    for shape in [Shape::A, Shape::B] {
        let mut w = world(shape).await;
        let migration = w.at("hybrid", 50).await;
        w.events("nats", 200, 0).await;
        w.events("queue", 200, 0).await;
        let report = w.evaluate(Some(&migration), both(100)).await;
        all_pass(&report);
        assert_eq!(report.step, "hybrid 50 % -> hybrid 100 %");
        let kept = sqlx::query(
            "SELECT count(*), count(*) FILTER (WHERE verdict = 'pass' AND inputs <> '{}'), max((inputs -> 'nats' ->> 'judged')::int) \
             FROM wavegate.gate_result WHERE wave = 'all' AND migration_id = $1",
        )
        .bind(migration.id)
        .fetch_one(&mut w.c)
        .await
        .unwrap();
        let results = i64::try_from(report.results.len()).unwrap();
        assert_eq!(
            (
                kept.get::<i64, _>(0),
                kept.get::<i64, _>(1),
                kept.get::<i32, _>(2)
            ),
            (results, results, 200)
        );
    }
}

/// The first look at millions of events keeps one of its two sessions for longer than anybody waits for one.
#[tokio::test]
async fn no_part_of_a_look_holds_a_session_and_asks_for_another() {
    let mut w = world(Shape::A).await;
    let one = DbOptions {
        url: Some(w.test.url.clone()),
        pool: Some(1),
        timeout: Some(Duration::from_secs(2)),
        ..DbOptions::default()
    };
    w.db = Db::connect(&one).await.unwrap();
    all_pass(&w.evaluate(None, both(0)).await);
    let migration = w.at("hybrid", 50).await;
    w.events("nats", 200, 0).await;
    w.events("queue", 200, 0).await;
    all_pass(&w.evaluate(Some(&migration), both(100)).await);
}

#[tokio::test]
async fn what_was_counted_long_ago_passes_nothing() {
    let mut w = world(Shape::A).await;
    let migration = w.at("hybrid", 50).await;
    w.events("nats", 200, 0).await;
    w.events("queue", 200, 0).await;
    w.c.execute("DELETE FROM rule_webhook_events WHERE webhook_id = 2")
        .await
        .unwrap();
    let report = w.evaluate(Some(&migration), both(100)).await;
    let traffic = gate(&report, "traffic");
    assert_eq!(traffic.verdict, Verdict::Pass, "{traffic:?}");
    assert!(
        traffic.reason.contains("none yet of 1 of 2: w2 (2)"),
        "{traffic:?}"
    );
    // Nothing came for longer than an hour, and a tenth of the soak is less.
    w.c.execute("UPDATE wavegate.wave SET entered_at = entered_at - interval '2 hours'")
        .await
        .unwrap();
    w.c.execute("UPDATE rule_webhook_events SET created_at = created_at - interval '61 min', due_at = due_at - interval '61 min'")
        .await
        .unwrap();
    let report = w.evaluate(Some(&migration), both(100)).await;
    let traffic = gate(&report, "traffic");
    assert_eq!(traffic.verdict, Verdict::Inconclusive, "{traffic:?}");
    assert!(traffic.reason.contains("longer than 60 min"), "{traffic:?}");
    assert_eq!(report.verdict(), Verdict::Inconclusive, "{report:?}");
}

#[tokio::test]
async fn a_bad_canary_fails_with_reason_and_remedy() {
    let mut w = world(Shape::A).await;
    let migration = w.at("hybrid", 50).await;
    w.events("nats", 100, 30).await;
    w.events("queue", 100, 0).await;
    w.c.execute(
        "UPDATE rule_webhook_events SET nats_seen_at = NULL, due_at = due_at - interval '10 min' WHERE seq = (SELECT min(seq) FROM rule_webhook_events)",
    )
    .await
    .unwrap();
    w.c.execute(
        "INSERT INTO wavegate.queue (webhook_id, payload, status) VALUES (2, '{}', 'pending')",
    )
    .await
    .unwrap();
    w.c.execute("UPDATE rule_webhooks SET nats_share = 10 WHERE webhook_id = 2")
        .await
        .unwrap();
    let lost: String =
        sqlx::query_scalar("SELECT event_id FROM rule_webhook_events WHERE nats_seen_at IS NULL")
            .fetch_one(&mut w.c)
            .await
            .unwrap();
    let report = w.evaluate(Some(&migration), both(100)).await;
    for (name, part) in [
        ("parity", lost.as_str()),
        ("success", "NATS failed 30 of 100"),
        ("routed", "of them 1 of webhook w2 (2)"),
        ("hybrid_complete", "w2 (2) has share 10 %"),
    ] {
        let result = gate(&report, name);
        assert_eq!(result.verdict, Verdict::Fail, "{result:?}");
        assert!(result.reason.contains(part), "{result:?}");
        assert!(!result.remedy.is_empty());
    }
}

#[tokio::test]
async fn what_cannot_be_measured_is_inconclusive() {
    let mut w = world(Shape::A).await;
    let migration = w.at("hybrid", 50).await;
    w.events("nats", 100, 0).await;
    w.events("queue", 100, 0).await;
    w.c.execute("ALTER TABLE rule_webhook_events RENAME COLUMN nats_seen_at TO seen")
        .await
        .unwrap();
    let report = w.evaluate(Some(&migration), both(100)).await;
    for name in ["parity", "success", "latency", "errors", "routed"] {
        let result = gate(&report, name);
        assert_eq!(result.verdict, Verdict::Inconclusive, "{result:?}");
        assert!(
            result.reason.contains("could not be measured"),
            "{result:?}"
        );
    }
    assert_eq!(gate(&report, "schema").verdict, Verdict::Fail);
}

#[tokio::test]
async fn a_quiet_or_young_step_decides_nothing() {
    let mut w = world(Shape::A).await;
    let migration = w.at("hybrid", 50).await;
    let quiet = w.evaluate(Some(&migration), both(100)).await;
    for name in ["parity", "success", "latency", "errors", "routed"] {
        assert_eq!(gate(&quiet, name).verdict, Verdict::Inconclusive, "{name}");
    }
    assert_eq!(gate(&quiet, "soak").verdict, Verdict::Pass);
    w.c.execute("UPDATE wavegate.wave SET entered_at = now() - interval '59 min'")
        .await
        .unwrap();
    let migration = state::load(&w.db).await.unwrap().unwrap();
    let young = w.evaluate(Some(&migration), both(100)).await;
    assert_eq!(gate(&young, "soak").verdict, Verdict::Inconclusive);
    assert_eq!(young.verdict(), Verdict::Inconclusive);
}

#[tokio::test]
async fn at_share_100_the_queue_arm_of_before_stands_in() {
    let mut w = world(Shape::A).await;
    let migration = w.at("hybrid", 50).await;
    w.events("nats", 300, 6).await;
    w.events("queue", 300, 6).await;
    w.evaluate(Some(&migration), both(100)).await;
    // The same events, now of a step that began later: only what the tally kept of the queue's arm is left to compare with, and the
    // dead, which nobody has given up.
    w.c.execute("DELETE FROM rule_webhook_events WHERE prefers = 'nats' OR state <> 'dead'")
        .await
        .unwrap();
    let mut migration = w.at("hybrid", 100).await;
    migration.waves[0].entered_at = migration.waves[0]
        .entered_at
        .map(|at| at + TimeDelta::seconds(1));
    w.events("nats", 2000, 5).await;
    // Of a transaction that began before the flip: no arm to compare with.
    w.events("queue", 1, 1).await;
    for _ in 0..2 {
        let leave = w.evaluate(Some(&migration), Mode::Nats).await;
        let result = gate(&leave, "baseline");
        assert_eq!(result.verdict, Verdict::Pass, "{result:?}");
        assert!(result.reason.contains("before 6 of 300"), "{result:?}");
        assert!(gate(&leave, "latency").reason.contains("before"));
        assert_eq!(gate(&leave, "headroom").verdict, Verdict::Pass);
    }
}

#[tokio::test]
async fn a_watched_wave_is_drained_twice() {
    let mut w = world(Shape::A).await;
    let migration = w.at("nats", 100).await;
    w.events("nats", 50, 0).await;
    w.c.execute("UPDATE rule_webhook_events SET two_route = false")
        .await
        .unwrap();
    let drain = async |w: &World, seconds| {
        let now = clock::now(&w.db).await.unwrap() + TimeDelta::seconds(seconds);
        let report = w.evaluate_at(Some(&migration), Mode::Nats, now).await;
        assert_eq!(report.step, "nats -> finished");
        assert_eq!(gate(&report, "parity").verdict, Verdict::Pass);
        gate(&report, "drain").clone()
    };
    assert_eq!(drain(&w, 0).await.verdict, Verdict::Inconclusive);
    assert_eq!(drain(&w, 1).await.verdict, Verdict::Pass);
    // A late row starts the count again, though it is due in a month only.
    w.c.execute(
        "INSERT INTO wavegate.queue (webhook_id, payload, status, scheduled_at, event_id) \
             VALUES (1, '{}', 'pending', now() + interval '30 d', 'late')",
    )
    .await
    .unwrap();
    assert!(drain(&w, 2).await.reason.contains("1 queue rows left"));
    w.c.execute("DELETE FROM wavegate.queue").await.unwrap();
    assert!(drain(&w, 3).await.reason.contains("seen once"));
    assert_eq!(drain(&w, 4).await.verdict, Verdict::Pass);
}

#[tokio::test]
async fn a_foreign_queue_worker_holds_the_share_at_zero() {
    let mut w = world(Shape::A).await;
    let migration = w.at("hybrid", 0).await;
    w.c.execute(
        "INSERT INTO wavegate.queue (webhook_id, payload, status, completed_at, event_id) VALUES (1, '{}', 'success', now(), 'theirs')",
    )
    .await
    .unwrap();
    let report = w.evaluate(Some(&migration), both(10)).await;
    let result = gate(&report, "workers");
    assert_eq!(result.verdict, Verdict::Fail);
    assert!(result.reason.contains("only share 0"), "{result:?}");
    let shadow = w.evaluate(Some(&migration), Mode::Nats).await;
    assert_eq!(gate(&shadow, "workers").verdict, Verdict::Pass);
    assert_eq!(gate(&shadow, "hybrid_complete").verdict, Verdict::Pass);
}
