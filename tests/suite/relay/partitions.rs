//! Several relays share the partitions, and hand them over when one comes, stops or dies.

use std::time::{Duration, Instant};

use crate::{support::Shape, support::plane::Plane};

const HELD: &str = "SELECT count(DISTINCT p) FROM wavegate.relay r, unnest(r.partitions) AS p WHERE r.stopped_at IS NULL AND r.seen_at > clock_timestamp() - interval '3 s'";
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND classid = x'57475259'::int
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
/// Most and fewest partitions that a living relay holds.
const MOST: &str = "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND classid = x'57475259'::int
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid) AS held";

/// Webhooks of every partition, in mode nats.
async fn webhooks(plane: &mut Plane) -> Vec<i32> {
    let mut all = Vec::new();
    for _ in 0..8 {
        all.push(plane.webhook("ok", "nats", 0).await);
    }
    all
}

#[tokio::test]
async fn three_relays_share_and_what_one_leaves_the_others_take() {
    let mut plane = Plane::new(Shape::A).await;
    let webhooks = webhooks(&mut plane).await;
    let first = plane.relay().await;
    assert!(
        first
            .log_text()
            .contains("publishes the partitions 0, 1, 2, 3, 4, 5, 6, 7")
    );
    let second = plane.relay().await;
    plane.until(20, MOST, 4).await;
    let third = plane.relay().await;
    plane.until(20, MOST, 3).await;
    plane.until(20, LOCKS, 8).await;
    let worker = plane.worker("nats").await;

    // Under load: one is killed, one is stopped in order, and the last one publishes all.
    let mut ids = Vec::new();
    for round in 0..40 {
        for webhook in &webhooks {
            ids.extend(plane.emit(*webhook, 2).await);
        }
        if round == 10 {
            // Its heartbeat goes on being there; its locks go with its session.
            let (second, begin) = (second.pid(), Instant::now());
            nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(second),
                nix::sys::signal::Signal::SIGKILL,
            )
            .unwrap();
            plane.until(20, LOCKS, 8).await;
            plane.until(20, MOST, 4).await;
            assert!(begin.elapsed() < Duration::from_secs(15));
        }
        if round == 25 {
            let pid = third.pid();
            nix::sys::signal::kill(
                nix::unistd::Pid::from_raw(pid),
                nix::sys::signal::Signal::SIGTERM,
            )
            .unwrap();
        }
    }
    assert!(third.stop().await);
    plane.until(20, MOST, 8).await;
    plane.until(20, HELD, 8).await;
    plane.until_delivered(60).await;
    plane.assert_once(&ids);
    assert!(worker.stop().await && first.stop().await);
    // The server ends a session a moment after its process.
    plane.until(20, LOCKS, 0).await;
    drop(second);
}

#[tokio::test]
async fn a_session_that_the_server_ends_is_noticed_and_everything_goes_on() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let relay = plane.relay().await;
    plane.emit(webhook, 5).await;
    plane
        .until(
            20,
            "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL",
            5,
        )
        .await;
    plane
        .run("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        .await;
    plane.emit(webhook, 5).await;
    plane
        .until(
            20,
            "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL",
            10,
        )
        .await;
    assert!(relay.stop().await);
}
