//! The barrier: whoever began before the change is waited for, whether or not it has an xid; who began later is not.

use std::time::Duration;

use futures::TryStreamExt;
use sqlx::Executor;
use wavegate::{
    engine::barrier::{self, Patience},
    error::Kind,
    store::{Db, DbOptions},
};

use crate::{
    support::Shape,
    support::bench::{bench, next, quiet},
};

fn short(ms: u64) -> Patience {
    Patience {
        timeout: Duration::from_millis(ms),
        ignore: Vec::new(),
    }
}

#[tokio::test]
async fn a_snapshot_without_xid_holds_the_barrier() {
    let mut b = bench(Shape::A, 2).await;
    let mut caller = b.test.connect().await;
    caller
        .execute("SET application_name = 'shop'; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM rule_webhooks")
        .await
        .unwrap();
    let error = b.apply_as(next("first"), &short(300)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotYet);
    for part in ["pid ", "user postgres", "application shop", "s old"] {
        assert!(error.message().contains(part), "{error}");
    }
    assert!(
        b.standing().await.contains("first:hybrid:0:1"),
        "the change is made"
    );
    // It publishes by the mode that it saw, and that is valid.
    caller
        .execute("SELECT rule_webhook_call_unified(1, '{}'); COMMIT")
        .await
        .unwrap();
    let outcome = b.apply("first").await.unwrap();
    assert_eq!(outcome.webhooks, [1, 2], "the same step, to its end");
    let steps = b
        .text("SELECT string_agg(step, ' ' ORDER BY id) FROM wavegate.journal WHERE step LIKE 'flip.%' AND webhook_id IS NULL")
        .await;
    assert_eq!(steps, "flip.intent flip.done flip.barrier flip.checked");
    let rows = b
        .text("SELECT count(*) || ' ' || count(event_id) FROM wavegate.queue")
        .await;
    assert_eq!(rows, "1 1", "one queue row, no ledger event");
}

#[tokio::test]
async fn a_prepared_transaction_holds_the_barrier() {
    let b = bench(Shape::A, 2).await;
    let mut caller = b.test.connect().await;
    let name = format!("held_{}", b.test.name);
    let prepare =
        format!("BEGIN; SELECT rule_webhook_call_unified(1, '{{}}'); PREPARE TRANSACTION '{name}'");
    caller.execute(sqlx::AssertSqlSafe(prepare)).await.unwrap();
    let error = b.apply_as(next("first"), &short(300)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotYet);
    assert!(error.message().contains(&name), "{error}");
    let commit = format!("COMMIT PREPARED '{name}'");
    caller.execute(sqlx::AssertSqlSafe(commit)).await.unwrap();
    b.apply("first").await.unwrap();
}

#[tokio::test]
async fn who_comes_later_or_is_ignored_holds_nothing() {
    let b = bench(Shape::A, 2).await;
    let mut dump = b.test.connect().await;
    dump.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        .await
        .unwrap();
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut dump)
        .await
        .unwrap();
    let patience = Patience {
        timeout: Duration::from_secs(5),
        ignore: vec![pid],
    };
    let passed = barrier::pass(&b.db, &patience, &quiet).await.unwrap();
    assert_eq!((passed.noted, passed.ignored.len()), (0, 1));
    // Noted while it runs, then gone; a later one that stays open is not waited for.
    let patience = short(10_000);
    let waiting = barrier::pass(&b.db, &patience, &quiet);
    let relay = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut later = b.test.connect().await;
        later.execute("BEGIN; SELECT 1").await.unwrap();
        dump.execute("COMMIT").await.unwrap();
        later
    };
    let (passed, _later) = tokio::join!(waiting, relay);
    assert_eq!(passed.unwrap().noted, 1);
}

#[tokio::test]
async fn an_unprivileged_role_is_told_and_still_waits() {
    let mut b = bench(Shape::A, 1).await;
    let role = format!("plain_{}", b.test.name);
    b.run(&format!("CREATE ROLE {role} LOGIN")).await;
    let url = b.test.url.replace("postgres@", &format!("{role}@"));
    let db = crate::support::open(&url).await;
    b.run("BEGIN; SELECT 1").await;
    let said = std::sync::Mutex::new(String::new());
    let listener = |event| said.lock().unwrap().push_str(&format!("{event:?}"));
    let error = barrier::pass(&db, &short(200), &listener)
        .await
        .unwrap_err();
    assert!(error.message().contains("of unknown age"), "{error}");
    let said = said.lock().unwrap().clone();
    assert!(said.contains("pg_read_all_stats"), "{said}");
    b.run("ROLLBACK").await;
    barrier::pass(&db, &short(2000), &quiet).await.unwrap();
    drop(db);
    b.run(&format!("DROP ROLE {role}")).await;
}

/// The process of a relay or a worker may be frozen, and its machine lost, anywhere in a transaction.
#[tokio::test]
async fn a_data_plane_that_stops_inside_a_transaction_holds_nobody_for_long() {
    let b = bench(Shape::A, 1).await;
    let data_plane = Db::connect(&DbOptions {
        url: Some(b.test.url.clone()),
        batches: true,
        ..DbOptions::default()
    })
    .await
    .unwrap();
    let mut between_statements = data_plane.pool().begin().await.unwrap();
    between_statements
        .execute("SELECT FROM wavegate.queue")
        .await
        .unwrap();
    let mut in_an_answer = data_plane.pool().acquire().await.unwrap();
    let mut rows =
        in_an_answer.fetch("SELECT repeat('x', 1000000) FROM generate_series(1, 1000) AS n");
    rows.try_next().await.unwrap();
    let patience = Patience {
        timeout: Duration::from_secs(30),
        ignore: Vec::new(),
    };
    let passed = barrier::pass(&b.db, &patience, &quiet).await.unwrap();
    assert_eq!(passed.noted, 2);
}
