//! A corpus of faults: payloads, results, settings, messages, rows, triggers, locks, databases and limits that must harm
//! nobody but themselves. Each entry is a line in a table of `entries/`; each test plays one table beside healthy traffic in
//! every mode and holds what came of it against the promise. `scripts/promise` plays the same tables longer,
//! and the chaos run draws from them.

mod endpoint;
pub mod entries;
pub mod entry;
mod ground;
mod judge;
mod plant;
mod scene;
mod traffic;

use std::time::Duration;

use entry::Entry;
use scene::{Course, Scene};

use crate::support::Shape;

/// A healthy machine needs 2 s; tests run on machines that are busy.
const LATE: Duration = Duration::from_secs(8);

/// With WAVEGATE_CORPUS_ONLY only entries whose name has this in it: which one of a table was it?
fn course(entries: &'static [Entry]) -> Course {
    let only = std::env::var("WAVEGATE_CORPUS_ONLY").unwrap_or_default();
    Course {
        entries: entries
            .iter()
            .filter(|entry| entry.name.contains(&only))
            .collect(),
        settings: Vec::new(),
        descriptors: None,
        // Bad endpoints are many here, and none may hide behind a circuit.
        worker: vec!["--lease-slack", "3", "--circuit-after", "0"],
        rate: 40.0,
        seconds: 4.0,
        late: LATE,
        patience: Duration::from_secs(40),
    }
}

/// Plays it and fails with everything that is wrong.
async fn play(shape: Shape, database: &str, course: Course) {
    let (ground, servers) = ground::prepare(shape, database).await;
    let mut settings = course.settings.clone();
    for setting in &mut settings {
        *setting = setting.replace("{database}", &servers.db.name);
    }
    let scene = Scene::new(ground, &settings, 1).await;
    let report = scene.play(&course).await;
    assert!(
        report.faults.is_empty(),
        "{} healthy events, latest after {:?}, settled after {:?}, stopped after {:?}\n  {}\n{}",
        report.healthy,
        report.latest,
        report.settled,
        report.stopped,
        report.faults.join("\n  "),
        report.logs,
    );
}

/// The run of one table on an ordinary database.
async fn table(shape: Shape, entries: &'static [Entry]) {
    play(shape, "", course(entries)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payloads() {
    table(Shape::A, entries::payloads::ENTRIES).await;
}

/// PostgreSQL needs seconds for each try at such a text, and far more where it has no core for itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payload_that_cannot_be_said() {
    let course = Course {
        late: Duration::from_secs(30),
        patience: Duration::from_secs(180),
        ..course(entries::payloads::GIANT)
    };
    play(Shape::B, "", course).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers() {
    table(Shape::B, entries::answers::ENTRIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_in_a_latin1_database() {
    let words = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0";
    play(Shape::A, words, course(entries::answers::LATIN1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_webhooks() {
    table(Shape::B, entries::settings::ENTRIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages() {
    table(Shape::A, entries::messages::ENTRIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows() {
    table(Shape::B, entries::rows::ROW_ENTRIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn triggers_and_constraints() {
    table(Shape::A, entries::rows::TRIGGER_ENTRIES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn locked_rows() {
    table(Shape::B, entries::locks::ROWS_HELD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_queue() {
    table(Shape::A, entries::locks::QUEUE_HELD).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_ledger() {
    table(Shape::B, entries::locks::LEDGER_HELD).await;
}

/// A database with settings of its own, and nothing else that is odd.
async fn database(shape: Shape, settings: &[&str]) {
    let settings = settings.iter().map(|s| s.to_string()).collect();
    play(
        shape,
        "",
        Course {
            settings,
            ..course(&[])
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_short_time_outs() {
    database(Shape::A, entries::databases::SHORT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_serializable() {
    database(Shape::B, entries::databases::STRICT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_writes_otherwise() {
    database(Shape::A, entries::databases::FOREIGN).await;
}

/// A hundred hosts that hold their calls, and no room for as many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_descriptors() {
    let course = Course {
        descriptors: Some(64),
        ..course(entries::limits::HOSTS)
    };
    play(Shape::B, "", course).await;
}
