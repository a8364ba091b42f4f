//! Rollback: fences first, back to what was found, nothing undelivered without a queue row, the same end after any death.

use std::time::{Duration, Instant};

use wavegate::{
    engine::{back::survey::Scope, barrier::Patience, no_checkpoint},
    error::{Kind, Result},
    store::lock,
};

use crate::{
    support::Shape,
    support::bench::{Ask, Bench, abort_at, actor, bench, next},
};
use wavegate::model::Goal;

fn first() -> Scope {
    Scope::Wave("first".to_string())
}

/// `first` in nats, with events of every kind: hybrid ones that wait, and two of each enabled webhook that NATS alone has.
async fn in_nats(shape: Shape) -> Bench {
    let mut b = bench(shape, 3).await;
    b.run(
        "UPDATE rule_webhooks SET nats_subject = 'old.subject', nats_share = 7 WHERE webhook_name = 'a_1'",
    )
    .await;
    b.apply("first").await.unwrap();
    b.apply("first").await.unwrap();
    b.call_all().await;
    b.apply("first").await.unwrap();
    b.call_all().await;
    b.call_all().await;
    b
}

#[tokio::test]
async fn from_nats_to_both_and_to_queue_and_forward_again() {
    for shape in [Shape::A, Shape::B] {
        let mut b = in_nats(shape).await;
        let lacking = b.standing().await;
        assert!(lacking.ends_with("lacking 4"), "{lacking}");
        let undone = b.rollback(first(), Goal::Both).await.unwrap();
        assert_eq!(
            (
                undone.fenced,
                undone.changes.len(),
                undone.redriven.enqueued
            ),
            (3, 3, 4)
        );
        assert_eq!(
            b.standing().await,
            "a_1:both:t:0:webhooks.1:1:5000:5 a_2:both:t:0:webhooks.2:1:5000:4 a_3:both:t:0:webhooks.3:1:5000:4 \
             b_1:queue:f:0:-:-:30000:0 | fenced 1,2,3 | first:rolled_back:0:1 second:pending:0:1 | lacking 0"
        );
        let due = b
            .text("SELECT count(*)::text FROM wavegate.queue WHERE two_route AND status = 'pending' AND scheduled_at > now()")
            .await;
        assert_eq!(due, "0", "what waited for NATS is due now");

        b.rollback(first(), Goal::Queue).await.unwrap();
        let queue = "a_1:queue:f:7:old.subject:-:30000:6 a_2:queue:f:0:-:-:30000:5 a_3:queue:f:0:-:-:30000:5 \
             b_1:queue:f:0:-:-:30000:0 | fenced 1,2,3 | first:rolled_back:0:1 second:pending:0:1 | lacking 0";
        assert_eq!(b.standing().await, queue, "as first found");
        b.rollback(first(), Goal::Queue).await.unwrap();
        assert_eq!(b.standing().await, queue, "repeated, the same");

        let error = b.apply("first").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Refused, "on purpose only: {error}");
        let resume = Ask {
            resume: true,
            ..next("first")
        };
        b.apply_as(resume, &Patience::default()).await.unwrap();
        let standing = b.standing().await;
        assert!(
            standing.contains("a_1:both:t:0:webhooks.1:1:5000:7")
                && standing.contains("fenced none | first:hybrid:0:2"),
            "{standing}"
        );
    }
}

#[tokio::test]
async fn killed_between_any_two_statements_a_repeated_rollback_ends_the_same() {
    let mut wanted = in_nats(Shape::A).await;
    wanted.rollback(first(), Goal::Queue).await.unwrap();
    let wanted = wanted.standing().await;
    let mut deaths = Vec::new();
    for n in 0.. {
        let mut b = in_nats(Shape::A).await;
        let abort = abort_at(n);
        let Err(error) = b.rollback_as(first(), Goal::Queue, &abort, false).await else {
            break;
        };
        assert!(error.message().starts_with("killed after"), "{error}");
        deaths.push(error.message().to_string());
        b.rollback(first(), Goal::Queue).await.unwrap();
        assert_eq!(b.standing().await, wanted, "death {n}: {error}");
    }
    assert!(deaths.len() >= 20, "{deaths:?}");
}

#[tokio::test]
async fn one_webhook_is_taken_back_and_held_back() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    b.rollback(Scope::Webhook("a_2".to_string()), Goal::Queue)
        .await
        .unwrap();
    let standing = b.standing().await;
    assert!(
        standing.contains("a_2:queue:f:0:-:-:30000:2")
            && standing.contains("fenced 2 | first:hybrid:0:1"),
        "{standing}"
    );
    let outcome = b.apply("first").await.unwrap();
    assert_eq!(outcome.webhooks, [1, 3], "it stays where it was put");
    let resume = Ask {
        resume: true,
        ..next("first")
    };
    let outcome = b.apply_as(resume, &Patience::default()).await.unwrap();
    assert_eq!(outcome.webhooks, [2]);
    let standing = b.standing().await;
    assert!(
        standing.contains("a_2:both:t:100:")
            && standing.contains("fenced none | first:hybrid:100:1"),
        "{standing}"
    );
}

#[tokio::test]
async fn everything_goes_back_even_what_no_plan_knows() {
    let mut b = in_nats(Shape::A).await;
    b.run("UPDATE rule_webhooks SET publish_mode = 'both', nats_enabled = true WHERE webhook_name = 'b_1'")
        .await;
    b.run("DELETE FROM wavegate.member WHERE webhook_id = 4")
        .await;
    b.rollback(Scope::All, Goal::Queue).await.unwrap();
    let standing = b.standing().await;
    assert!(
        standing.contains("b_1:queue:f:0:")
            && standing.contains("fenced 1,2,3,4 | first:rolled_back"),
        "{standing}"
    );
    assert!(
        standing.contains("second:pending:0:1 | lacking 0"),
        "{standing}"
    );
}

#[tokio::test]
async fn drift_does_not_stop_a_rollback() {
    let mut b = in_nats(Shape::A).await;
    let url = b.test.url.clone();
    let meddle = move |step: &str| -> Result<()> {
        if step == "rollback.fence" {
            run_elsewhere(
                &url,
                "UPDATE rule_webhooks SET nats_share = 3 WHERE webhook_id = 2",
            );
        }
        Ok(())
    };
    let undone = b
        .rollback_as(first(), Goal::Both, &meddle, false)
        .await
        .unwrap();
    assert_eq!(undone.drifted.len(), 1, "{:?}", undone.drifted);
    assert!(undone.drifted[0].starts_with("a_2 (2) was in nats"));
    assert!(b.standing().await.contains("a_2:both:t:0:"));
}

#[tokio::test]
async fn a_deleted_webhook_is_skipped() {
    let mut b = bench(Shape::A, 3).await;
    b.apply("first").await.unwrap();
    b.run("DELETE FROM rule_webhooks WHERE webhook_name = 'a_2'")
        .await;
    let undone = b.rollback(first(), Goal::Queue).await.unwrap();
    assert_eq!(undone.changes.len(), 2);
}

#[tokio::test]
async fn rows_that_somebody_deleted_come_back_without_a_relay() {
    for delete in [
        "DELETE FROM rule_webhook_calls",
        "TRUNCATE rule_webhook_calls CASCADE",
    ] {
        let mut b = in_nats(Shape::A).await;
        b.run(delete).await;
        let undelivered = "SELECT count(*)::text FROM rule_webhook_events WHERE state = 'open'";
        let undelivered = b.text(undelivered).await;
        b.rollback(first(), Goal::Both).await.unwrap();
        let rows = b
            .text("SELECT count(*)::text FROM rule_webhook_calls WHERE two_route")
            .await;
        assert_eq!(rows, undelivered, "{delete}");
        assert!(b.standing().await.ends_with("lacking 0"));
    }
}

#[tokio::test]
async fn the_fence_waits_for_nobody() {
    let mut b = in_nats(Shape::A).await;
    // Somebody sits on the rows, and a forward step holds the lock.
    b.run("BEGIN; SELECT * FROM rule_webhooks FOR UPDATE").await;
    let forward = lock::acquire(&b.db, &actor("wavegate apply plan.yaml"))
        .await
        .unwrap();
    let fenced = tokio::sync::Notify::new();
    let watch = |step: &str| -> Result<()> {
        if step == "rollback.fence" {
            fenced.notify_one();
        }
        Ok(())
    };
    {
        let rollback = b.rollback_as(first(), Goal::Both, &watch, false);
        tokio::pin!(rollback);
        // The rows are locked by another session: the fence stands, and the flip must still be trying.
        tokio::select! {
            outcome = &mut rollback => panic!("it flipped rows that are locked: {outcome:?}"),
            () = fenced.notified() => {}
        }
        let outcome = tokio::time::timeout(Duration::from_millis(500), rollback).await;
        assert!(
            outcome.is_err(),
            "it flipped rows that are locked: {outcome:?}"
        );
    }
    b.run("ROLLBACK").await;
    b.rollback(first(), Goal::Both).await.unwrap();
    // The forward step has lost its lock and may not change anything any more.
    let mut tx = b.db.pool().begin().await.unwrap();
    let error = lock::verify(&mut tx, forward.id()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
}

#[tokio::test]
async fn without_a_fence_nats_finishes_what_it_has() {
    let mut b = in_nats(Shape::A).await;
    let undone = b
        .rollback_as(first(), Goal::Queue, &no_checkpoint, true)
        .await
        .unwrap();
    assert_eq!(
        (undone.fenced, undone.redriven.enqueued, undone.draining),
        (0, 0, 4)
    );
    let standing = b.standing().await;
    assert!(
        standing.contains("a_1:queue:") && standing.contains("fenced none"),
        "{standing}"
    );
}

#[tokio::test]
async fn an_event_in_the_hands_of_a_nats_worker_is_waited_for() {
    let mut b = in_nats(Shape::A).await;
    b.run(
        "UPDATE rule_webhook_events SET state = 'claimed', path = 'nats', claimed_by = 'w', attempt = 1, \
         lease_until = clock_timestamp() + interval '800 ms' WHERE seq = (SELECT max(seq) FROM rule_webhook_events)",
    )
    .await;
    let start = Instant::now();
    let undone = b.rollback(first(), Goal::Both).await.unwrap();
    assert!(start.elapsed() > Duration::from_millis(400));
    assert_eq!(
        undone.redriven.enqueued, 4,
        "the last one once its lease was over"
    );
    assert!(b.standing().await.ends_with("lacking 0"));
}

fn run_elsewhere(url: &str, sql: &'static str) {
    use sqlx::{Connection, Executor};
    let url = url.to_string();
    let done = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut c = sqlx::PgConnection::connect(&url).await.unwrap();
            c.execute(sql).await.unwrap();
        });
    });
    done.join().unwrap();
}
