//! Killed anywhere, run again, it continues; and a busy table is waited for without holding others up.

use std::{
    process::{Child, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, Executor, PgConnection};
use wavegate::{
    engine::schema::{self, ApplyOptions},
    error::Kind,
    model::Progress,
};

use crate::{
    support::migration::{ENGINE_007, apply, consent, fingerprint, revert},
    support::{Schema, Shape, TestDb, actor},
};

#[tokio::test]
async fn killed_after_every_step_it_continues_both_ways() {
    for (shape, with_007) in [(Shape::A, false), (Shape::B, true)] {
        let test = TestDb::new(shape, Schema::Engine).await;
        if with_007 {
            test.connect().await.execute(ENGINE_007).await.unwrap();
        }
        let before = fingerprint(&test.url).await;
        let db = test.db().await;
        let steps = 2 + wavegate::store::schema::steps(db.shape()).count();
        for stop in 1..steps {
            apply(&db, Some(stop)).await;
        }
        apply(&db, None).await;
        assert_eq!(schema::verify(&db).await.unwrap(), []);
        for _ in 1..steps {
            if schema::undo_statements(&db).await.unwrap().is_empty() {
                break;
            }
            revert(&db, Some(1)).await;
        }
        assert_eq!(before, fingerprint(&test.url).await);
    }
}

#[tokio::test]
async fn an_invalid_index_is_dropped_and_built_again_and_taken_back() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let db = test.db().await;
    let mut c = test.connect().await;
    c.execute("INSERT INTO rule_webhooks (webhook_name, url) VALUES ('a', 'http://x')")
        .await
        .unwrap();
    let before = fingerprint(&test.url).await;
    // Up to the columns of the queue; then the index fails half-way, as an interrupted build does.
    let until = 1 + wavegate::store::schema::steps(db.shape())
        .position(|step| step.name == "33_queue_columns")
        .unwrap();
    apply(&db, Some(until)).await;
    c.execute("INSERT INTO rule_webhook_calls (webhook_id, payload, event_id) VALUES (1, '{}', 'x'), (1, '{}', 'x')").await.unwrap();
    let build = "CREATE UNIQUE INDEX CONCURRENTLY wavegate_queue_event ON rule_webhook_calls (event_id) WHERE event_id IS NOT NULL";
    c.execute(build).await.unwrap_err();
    assert_eq!(valid(&mut c).await, Some(false));
    c.execute("UPDATE rule_webhook_calls SET event_id = NULL")
        .await
        .unwrap();
    apply(&db, None).await;
    assert_eq!(valid(&mut c).await, Some(true));
    assert_eq!(schema::verify(&db).await.unwrap(), []);
    revert(&db, None).await;
    assert_eq!(before, fingerprint(&test.url).await);
    // Built, and killed before it was recorded: recognised as ours by its name.
    apply(&db, Some(until)).await;
    c.execute(build).await.unwrap();
    apply(&db, None).await;
    revert(&db, None).await;
    assert_eq!(before, fingerprint(&test.url).await);
}

async fn valid(c: &mut PgConnection) -> Option<bool> {
    sqlx::query_scalar(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('wavegate_queue_event')",
    )
    .fetch_optional(c)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_busy_table_is_waited_for_and_its_user_named() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let db = test.db().await;
    let mut busy = PgConnection::connect(&test.url).await.unwrap();
    busy.execute("SET application_name = 'long report'; BEGIN; SELECT * FROM rule_webhooks")
        .await
        .unwrap();
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut busy)
        .await
        .unwrap();

    let options = ApplyOptions {
        lock_wait: Duration::ZERO,
        stop_after: None,
        ..ApplyOptions::default()
    };
    let started = Instant::now();
    let error = schema::apply(&db, &actor(), &options, &|_| {}, consent())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    assert!(
        error
            .message()
            .contains(&format!("pid {pid} (long report, postgres")),
        "{error}"
    );
    assert!(started.elapsed() < Duration::from_secs(20));

    // While the step makes way, others get their locks: a write waits for half a second at most at a time.
    let seen = Mutex::new(Vec::new());
    let (told, mut waits) = tokio::sync::mpsc::unbounded_channel();
    let listener = |event: Progress| {
        if let Progress::Waiting { on } = event {
            seen.lock().unwrap().push(on);
            let _ = told.send(());
        }
    };
    let actor = actor();
    let options = ApplyOptions::default();
    let work = schema::apply(&db, &actor, &options, &listener, consent());
    let release = async {
        waits.recv().await.unwrap();
        let mut other = test.connect().await;
        other
            .execute("SET lock_timeout = '5s'; INSERT INTO rule_webhooks (webhook_name, url) VALUES ('meanwhile', 'http://x')")
            .await
            .unwrap();
        waits.recv().await.unwrap();
        busy.execute("COMMIT").await.unwrap();
    };
    let (outcome, ()) = tokio::join!(work, release);
    outcome.unwrap();
    assert!(
        seen.lock()
            .unwrap()
            .iter()
            .any(|on| on.contains("04_webhook_columns") && on.contains("long report")),
        "{seen:?}"
    );
    assert_eq!(schema::verify(&db).await.unwrap(), []);
}

#[tokio::test]
async fn two_at_once_do_not_race() {
    let test = TestDb::new(Shape::B, Schema::Engine).await;
    let (one, two) = (test.db().await, test.db().await);
    let (actor, options) = (actor(), ApplyOptions::default());
    let (a, b) = tokio::join!(
        schema::apply(&one, &actor, &options, &|_| {}, consent()),
        schema::apply(&two, &actor, &options, &|_| {}, consent())
    );
    for outcome in [&a, &b] {
        if let Err(error) = outcome {
            assert_eq!(error.kind(), Kind::Refused, "{error}");
            assert!(
                error.message().contains("is changing the schema right now"),
                "{error}"
            );
        }
    }
    assert!(a.is_ok() || b.is_ok());
    assert_eq!(schema::verify(&one).await.unwrap(), []);
}

/// `wavegate schema apply` as a process of its own.
fn spawn(test: &TestDb) -> Child {
    Command::new(env!("CARGO_BIN_EXE_wavegate"))
        .args([
            "--database-url",
            &test.url,
            "schema",
            "apply",
            "--yes",
            "--i-have-a-backup",
            "--take-over-functions",
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the process tries to change the queue, which `busy` holds.
async fn until_blocked(c: &mut PgConnection) {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let blocked: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                            WHERE NOT l.granted AND l.relation = 'rule_webhook_calls'::regclass AND a.application_name LIKE 'wavegate%')",
        )
        .fetch_one(&mut *c)
        .await
        .unwrap();
        if blocked {
            return;
        }
        assert!(Instant::now() < end, "apply never came to the queue");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn the_process_killed_or_interrupted_half_way_leaves_a_schema_that_can_be_continued() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut busy = test.connect().await;
    let mut c = test.connect().await;
    for signal in [Signal::SIGKILL, Signal::SIGINT] {
        busy.execute("BEGIN; LOCK TABLE rule_webhook_calls IN ACCESS SHARE MODE")
            .await
            .unwrap();
        let mut child = spawn(&test);
        until_blocked(&mut c).await;
        kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        let status = child.wait().unwrap();
        if signal == Signal::SIGINT {
            assert_eq!(status.code(), Some(130));
        }
        busy.execute("COMMIT").await.unwrap();
        let steps: i64 = sqlx::query_scalar("SELECT count(*) FROM wavegate.schema_step")
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert!(steps > 5 && steps < 45, "{steps}");
    }
    assert!(spawn(&test).wait().unwrap().success());
    let db = test.db().await;
    assert_eq!(schema::verify(&db).await.unwrap(), []);
}
