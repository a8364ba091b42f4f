//! Asked to stop: calls under way end, what is only claimed is free at once; a second signal leaves at once.

use std::time::{Duration, Instant};

use crate::{support::Shape, support::plane::Plane};

const HELD: &str = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed') + (SELECT count(*) FROM wavegate.queue WHERE status = 'processing')";
const OPEN: &str = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
const AMBIGUOUS: &str = "SELECT count(*) FROM wavegate.ambiguous_attempt";

/// Leases last five minutes: what is taken up sooner was given back.
const WORKER: [&str; 5] = ["worker", "--path", "both", "--lease-slack", "300"];

#[tokio::test]
async fn what_a_stopping_worker_has_not_called_is_free_at_once() {
    let mut plane = Plane::new(Shape::A).await;
    let plain = plane.webhook("slow-700", "queue", 0).await;
    let single = plane.webhook("slow-700", "nats", 0).await;
    let ids = [plane.emit(plain, 12).await, plane.emit(single, 12).await].concat();
    let _relay = plane.relay().await;
    let first = plane
        .start(&[&WORKER[..], &["--concurrency", "2", "--per-host", "0"]].concat())
        .await;
    // Two calls a path, and for each call three events more.
    plane.until_at_least(20, HELD, 16).await;
    first.terminate();
    let second = plane.start(&WORKER).await;
    assert_eq!(first.wait().await, Some(0));
    plane.until(60, OPEN, 0).await;
    plane.assert_once(&ids);
    let spent = "SELECT (SELECT sum(attempt) FROM rule_webhook_events) + (SELECT sum(retry_count + 1) FROM wavegate.queue)";
    assert_eq!(plane.number(spent).await, 24);
    assert_eq!(plane.number(AMBIGUOUS).await, 0);
    let shared = "SELECT count(*) FROM wavegate.worker WHERE delivered > 0";
    plane.until(10, shared, 4).await;

    // In a hurry: gone at once, and what was called has no result.
    let hung = plane.webhook("slow-60000", "queue", 0).await;
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 60000")
        .await;
    plane.emit(hung, 1).await;
    plane.until(20, HELD, 1).await;
    let begin = Instant::now();
    second.terminate();
    tokio::time::sleep(Duration::from_millis(200)).await;
    second.terminate();
    assert_eq!(second.wait().await, Some(130));
    assert!(begin.elapsed() < Duration::from_secs(40));
    assert_eq!(plane.number(HELD).await, 1);
    plane.close().await;
}
