//! Nobody's lock, poison, look-alike or lost NATS holds another event up at the relay.

use std::time::{Duration, Instant};

use sqlx::Executor;

use crate::{plane::Plane, support::Shape};

const PUBLISHED: &str = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL";

/// A relay that cannot reach NATS takes nothing beside one that can, says so, and is blamed by no alert for holding partitions.
#[tokio::test]
async fn a_relay_without_nats_leaves_all_partitions_to_one_that_has_it() {
    let mut plane = Plane::new(Shape::A).await;
    let mut webhooks = Vec::new();
    for _ in 0..8 {
        webhooks.push(plane.webhook("ok", "nats", 0).await);
    }
    let away = ("NATS_URL", "nats://127.0.0.1:2");
    for healthy_first in [true, false] {
        let begin = plane.number(PUBLISHED).await;
        let (healthy, cut_off);
        if healthy_first {
            healthy = plane.relay().await;
            cut_off = plane.start_with(&["relay"], &[away]).await;
        } else {
            cut_off = plane.start_with(&["relay"], &[away]).await;
            healthy = plane.relay().await;
        }
        // Several looks at who holds what.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let emitted = Instant::now();
        for webhook in &webhooks {
            plane.emit(*webhook, 2).await;
        }
        plane.until(2, PUBLISHED, begin + 16).await;
        assert!(emitted.elapsed() < Duration::from_secs(5));
        plane
            .until(
                10,
                "SELECT count(*) FROM wavegate.relay WHERE stopped_at IS NULL AND partitions = '{}'
                   AND last_error LIKE 'stands by: not connected to NATS at %127.0.0.1:2'",
                1,
            )
            .await;
        assert!(
            cut_off.log_text().contains("stands by: not connected"),
            "{}",
            cut_off.log_text()
        );
        assert!(cut_off.stop().await && healthy.stop().await);
    }
}

/// Somebody locks the ledger and the queue for longer than any pause: the sweeper looks again within seconds after.
#[tokio::test]
async fn no_pause_grows_with_a_lock_that_a_look_waited_for() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let processes = (plane.relay().await, plane.worker("nats").await);
    plane.emit(webhook, 1).await;
    plane.until_delivered(10).await;
    for table in ["rule_webhook_events", "rule_webhook_calls"] {
        let mut other = plane.db.connect().await;
        other
            .execute(sqlx::AssertSqlSafe(format!(
                "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
            )))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(13)).await;
        other.execute("ROLLBACK").await.unwrap();
        // Its first copy comes before it is due: only the sweeper brings it again.
        plane
            .run(&format!(
                "SELECT rule_webhook_enqueue({webhook}, '{{}}', NULL, now() + interval '4 s')"
            ))
            .await;
        let due = Instant::now() + Duration::from_secs(4);
        plane.until_delivered(20).await;
        assert!(
            due.elapsed() < Duration::from_secs(10),
            "{table}: {:?} late\n{}",
            due.elapsed(),
            plane.log_text()
        );
    }
    assert!(processes.1.stop().await && processes.0.stop().await);
}
