//! Re-drive and what else the leader sweeps, by SQL alone.

use sqlx::{PgConnection, Row};
use wavegate::store::redrive;

use crate::{
    support::plane::Plane,
    support::{Schema, Shape, TestDb},
};

async fn webhook(c: &mut PgConnection, shape: Shape, name: &str, mode: &str, share: i16) -> i32 {
    let url = if shape == Shape::A {
        "url"
    } else {
        "webhook_url"
    };
    let sql = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share)
         VALUES ($1, 'http://127.0.0.1:9/', $2, $2 <> 'queue', $3) RETURNING webhook_id"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(name)
        .bind(mode)
        .bind(share)
        .fetch_one(c)
        .await
        .unwrap()
}

async fn call(c: &mut PgConnection, webhook: i32) -> String {
    sqlx::query_scalar("SELECT rule_webhook_call_unified($1, '{\"a\": 1}') ->> 'event_id'")
        .bind(webhook)
        .fetch_one(c)
        .await
        .unwrap()
}

#[tokio::test]
async fn redrive_gives_every_undelivered_event_a_due_queue_row() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let hybrid = webhook(&mut c, shape, "hybrid", "both", 100).await;
        let single = webhook(&mut c, shape, "single", "nats", 0).await;
        let other = webhook(&mut c, shape, "other", "nats", 0).await;
        let deferred = call(&mut c, hybrid).await;
        let alone = call(&mut c, single).await;
        let held = call(&mut c, single).await;
        call(&mut c, other).await;
        sqlx::query(
            "UPDATE rule_webhook_events SET state = 'claimed', claimed_by = 'w', attempt = 1, lease_until = now() + interval '1 min' WHERE event_id = $1",
        )
        .bind(&held)
        .execute(&mut c)
        .await
        .unwrap();
        let db = test.db().await;
        let mut ours = db.pool().acquire().await.unwrap();
        let both = [hybrid, single];
        assert_eq!(
            redrive::unaccounted(&mut ours, Some(&both), None)
                .await
                .unwrap(),
            2
        );
        assert_eq!(
            redrive::pull_forward(&mut ours, Some(&both), &mut |_| {})
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            redrive::pull_forward(&mut ours, Some(&both), &mut |_| {})
                .await
                .unwrap(),
            0
        );
        // The one with a live lease stays with its worker.
        assert_eq!(
            redrive::enqueue_undelivered(&mut ours, Some(&both), &mut |_| {})
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            redrive::enqueue_undelivered(&mut ours, Some(&both), &mut |_| {})
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            redrive::unaccounted(&mut ours, Some(&both), None)
                .await
                .unwrap(),
            1
        );
        let due: Vec<String> = sqlx::query_scalar(
            "SELECT e.event_id FROM wavegate.queue q JOIN rule_webhook_events e ON e.call_id = q.call_id AND e.event_id = q.event_id
             WHERE q.status = 'pending' AND q.scheduled_at <= now() AND q.two_route AND e.has_queue_row ORDER BY e.seq",
        )
        .fetch_all(&mut c)
        .await
        .unwrap();
        assert_eq!(due, [deferred, alone]);
        // Its lease ends after one attempt: it comes back as a retry, and only now is everything accounted for.
        sqlx::query("UPDATE rule_webhook_events SET lease_until = now() - interval '1 s' WHERE event_id = $1")
            .bind(&held)
            .execute(&mut c)
            .await
            .unwrap();
        // NULL means the fenced ones.
        sqlx::query("INSERT INTO rule_nats_fences (webhook_id) VALUES ($1)")
            .bind(single)
            .execute(&mut c)
            .await
            .unwrap();
        assert_eq!(
            redrive::enqueue_undelivered(&mut ours, None, &mut |_| {})
                .await
                .unwrap(),
            1
        );
        assert_eq!(
            redrive::unaccounted(&mut ours, None, None).await.unwrap(),
            0
        );
        let row = sqlx::query("SELECT status, retry_count FROM wavegate.queue WHERE event_id = $1")
            .bind(&held)
            .fetch_one(&mut c)
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>(0), "retrying");
        assert_eq!(row.get::<i32, _>(1), 1);
    }
}

/// Somebody else's queue worker, in plain SQL, as the engine's examples do it.
const FOREIGN_WORKER: &str = "WITH due AS (
        SELECT call_id FROM rule_webhook_calls WHERE status = 'pending' AND scheduled_at <= now() LIMIT 100 FOR UPDATE SKIP LOCKED
    ) UPDATE rule_webhook_calls c SET status = 'success', completed_at = now(), response_status = 200 FROM due WHERE c.call_id = due.call_id";

#[tokio::test]
async fn a_foreign_workers_results_are_taken_over() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 0).await;
    let _processes = (plane.relay().await, plane.worker("nats").await);
    plane.emit(webhook, 20).await;
    plane.run(FOREIGN_WORKER).await;
    plane.until_delivered(15).await;
    let theirs = "SELECT count(*) FROM rule_webhook_events WHERE path = 'queue' AND claimed_by IS NULL AND http_status = 200 AND delivered_at IS NOT NULL";
    assert_eq!(plane.number(theirs).await, 20);
    plane
        .until(
            10,
            "SELECT count(*) FROM rule_webhook_events WHERE nats_seen_at IS NOT NULL",
            20,
        )
        .await;
    plane
        .until(5, "SELECT count(*) FROM rule_nats_outbox", 0)
        .await;
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.foreign_results")
            .await,
        0
    );
    assert!(plane.receiver.calls().is_empty());

    // Failed for good, then put back by an operator: dead, and then open once more.
    plane.emit(webhook, 1).await;
    plane.run("UPDATE rule_webhook_calls SET status = 'failed', error_message = 'no' WHERE status = 'pending'").await;
    plane
        .until(
            10,
            "SELECT count(*) FROM rule_webhook_events WHERE state = 'dead' AND error = 'no'",
            1,
        )
        .await;
    plane
        .run("UPDATE rule_webhook_calls SET status = 'pending' WHERE status = 'failed'")
        .await;
    plane
        .until(
            10,
            "SELECT count(*) FROM rule_webhook_events WHERE state = 'retrying'",
            1,
        )
        .await;
    let _queue = plane.worker("queue").await;
    plane.until_delivered(15).await;
    assert_eq!(plane.receiver.successes().len(), 1);
}

#[tokio::test]
async fn queue_rows_that_a_clean_up_deletes_lose_nothing() {
    for truncate in [false, true] {
        let mut plane = Plane::new(Shape::A).await;
        let webhook = plane.webhook("ok", "both", 0).await;
        let ids = plane.emit(webhook, 20).await;
        if truncate {
            plane.run("TRUNCATE rule_webhook_calls CASCADE").await;
        } else {
            plane
                .run("SELECT rule_webhook_cleanup_old_calls(interval '0 s', false)")
                .await;
        }
        assert_eq!(
            plane
                .number("SELECT count(*) FROM rule_webhook_calls")
                .await,
            0
        );
        // In shadow NATS delivers nothing that has a queue row; these have none any more.
        let _processes = (plane.relay().await, plane.worker("nats").await);
        plane.until_delivered(20).await;
        plane.assert_once(&ids);
    }
}
