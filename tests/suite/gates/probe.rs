//! The probe event on real servers, with the real relay and worker: the round trip, every missing hop, and nothing left behind.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, PgConnection};
use wavegate::{
    engine::probe::{self, Options},
    gates::{Finding, Status},
    store::{heartbeat, journal::Actor},
};

use crate::{
    gates::preflight::{World, world},
    support::Shape,
};

/// A wavegate process of this test, ended with it.
struct Process(Child);

impl Process {
    fn start(w: &World, args: &[&str]) -> Process {
        let child = Command::new(env!("CARGO_BIN_EXE_wavegate"))
            .args(args)
            .args(["--database-url", &w.test.url, "--nats-url", &w.nats.url])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Process(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Forgets the invented crew of the fixture, and waits for the real one.
async fn alive(w: &mut World, relays: usize, workers: usize) {
    w.sql("DELETE FROM wavegate.relay WHERE relay_id = 'r'; DELETE FROM wavegate.worker WHERE worker_id IN ('n1', 'n2', 'q1')")
        .await;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let since = chrono::Utc::now() - chrono::TimeDelta::seconds(10);
        let beats = (
            heartbeat::relays(&w.db, since).await.unwrap().len(),
            heartbeat::workers(&w.db, since).await.unwrap().len(),
        );
        if beats.0 >= relays && beats.1 >= workers {
            return;
        }
        assert!(Instant::now() < deadline, "heard from {beats:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn round_trip(w: &World, timeout: u64) -> Finding {
    let actor = Actor {
        who: "test".into(),
        host: "here".into(),
        command: "test".into(),
    };
    let options = Options {
        timeout: Duration::from_secs(timeout),
        ..Options::default()
    };
    probe::round_trip(&w.db, &w.bus, &w.plan, &actor, &options).await
}

async fn nothing_left(w: &mut World) {
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM rule_webhooks WHERE webhook_name LIKE 'wavegate%') \
              + (SELECT count(*) FROM rule_nats_outbox o WHERE NOT EXISTS (SELECT FROM rule_webhooks w WHERE w.webhook_id = o.webhook_id)) \
              + (SELECT count(*) FROM rule_webhook_events WHERE state IN ('open', 'claimed', 'retrying'))",
    )
    .fetch_one(&mut w.c)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn the_probe_makes_the_round_trip_and_leaves_nothing() {
    for shape in [Shape::A, Shape::B] {
        let mut w = world(shape).await;
        let _relay = Process::start(&w, &["relay"]);
        let _worker = Process::start(&w, &["worker", "--path", "nats"]);
        alive(&mut w, 1, 1).await;
        // A probe that a killed preflight left behind goes too.
        w.sql("INSERT INTO wavegate.webhooks (webhook_name, url, tags, publish_mode, nats_enabled, created_at) \
               VALUES ('wavegate_probe_old', 'http://127.0.0.1:1/x', '{wavegate:probe}', 'queue', true, now() - interval '1 h')")
            .await;
        let finding = round_trip(&w, 20).await;
        assert_eq!(finding.status, Status::Ok, "{shape:?}: {finding:?}");
        assert!(finding.found.contains("made the round trip"), "{finding:?}");
        nothing_left(&mut w).await;
        let state: String = sqlx::query_scalar("SELECT state FROM rule_webhook_events")
            .fetch_one(&mut w.c)
            .await
            .unwrap();
        assert_eq!(state, "delivered");
        let journal: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM wavegate.journal WHERE step = 'preflight.probe'",
        )
        .fetch_one(&mut w.c)
        .await
        .unwrap();
        assert_eq!(journal, 1);
    }
}

#[tokio::test]
async fn without_a_crew_it_says_whom_to_start() {
    let mut w = world(Shape::A).await;
    w.sql("DELETE FROM wavegate.relay").await;
    let finding = round_trip(&w, 1).await;
    assert_eq!(finding.status, Status::Block);
    assert!(finding.remedy.contains("wavegate relay"), "{finding:?}");
    w.sql("DELETE FROM wavegate.worker").await;
    let finding = round_trip(&w, 1).await;
    assert!(finding.remedy.contains("wavegate relay"), "{finding:?}");
    assert!(finding.remedy.contains("worker --path nats"), "{finding:?}");
    nothing_left(&mut w).await;
}

#[tokio::test]
async fn it_names_the_hop_that_is_missing() {
    // The crew of the fixture only pretends to live: nobody publishes.
    let mut w = world(Shape::A).await;
    let finding = round_trip(&w, 1).await;
    assert_eq!(finding.status, Status::Block);
    assert!(finding.found.contains("still in the outbox"), "{finding:?}");
    nothing_left(&mut w).await;

    // A real relay, and nobody who reads the stream.
    let _relay = Process::start(&w, &["relay"]);
    alive(&mut w, 1, 0).await;
    w.c.execute(
        "INSERT INTO wavegate.worker (worker_id, path, host, pid, started_at, seen_at) VALUES ('ghost', 'nats', 'h', 1, now(), clock_timestamp())",
    )
    .await
    .unwrap();
    let finding = round_trip(&w, 5).await;
    assert_eq!(finding.status, Status::Block);
    assert!(
        finding.found.contains("no NATS worker has seen it"),
        "{finding:?}"
    );
    nothing_left(&mut w).await;
}

#[tokio::test]
async fn what_arrived_is_delivered_though_its_worker_has_not_said_so_yet() {
    // The crew of the fixture only pretends to live; this test delivers in its place, and records nothing.
    let mut w = world(Shape::A).await;
    let mut look = PgConnection::connect(&w.test.url).await.unwrap();
    let deliver = async {
        let probe = "SELECT w.url, e.event_id FROM rule_webhooks w JOIN rule_webhook_events e USING (webhook_id) WHERE w.webhook_name LIKE 'wavegate%'";
        let (url, event_id): (String, String) = loop {
            if let Some(found) = sqlx::query_as(probe)
                .fetch_optional(&mut look)
                .await
                .unwrap()
            {
                break found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let call = reqwest::Client::new()
            .post(url)
            .header("webhook-id", event_id);
        assert!(call.send().await.unwrap().status().is_success());
    };
    let (finding, ()) = tokio::join!(round_trip(&w, 20), deliver);
    assert_eq!(finding.status, Status::Ok, "{finding:?}");
    nothing_left(&mut w).await;
    let ended: (String, Option<String>) =
        sqlx::query_as("SELECT state, error FROM rule_webhook_events")
            .fetch_one(&mut w.c)
            .await
            .unwrap();
    assert_eq!(ended, ("delivered".to_string(), None));
}

#[tokio::test]
async fn an_address_that_is_not_ours_is_refused() {
    let w = world(Shape::A).await;
    let actor = Actor {
        who: "test".into(),
        host: "here".into(),
        command: "test".into(),
    };
    for (address, part) in [
        ("192.0.2.1", "cannot listen"),
        ("0.0.0.0", "no address that a worker"),
    ] {
        let options = Options {
            address: address.into(),
            timeout: Duration::from_secs(1),
        };
        let finding = probe::round_trip(&w.db, &w.bus, &w.plan, &actor, &options).await;
        assert_eq!(finding.status, Status::Block);
        assert!(finding.found.contains(part), "{finding:?}");
        assert!(finding.remedy.contains("--probe-address"), "{finding:?}");
    }
}
