//! Hosts: a slow one has its calls and no more, the others do not wait for it, and connections are used again.

use crate::{support::Shape, support::plane::Plane, support::receiver::Receiver};

const PATHS: [&str; 2] = ["queue", "nats"];

#[tokio::test]
async fn a_slow_host_has_its_share_and_no_more_and_a_fast_one_does_not_wait_for_it() {
    let mut plane = Plane::new(Shape::A).await;
    let fast = Receiver::start().await;
    let mut ids = Vec::new();
    // The slow host's events come first on both paths, many times what a worker holds.
    for path in PATHS {
        let webhook = plane.webhook("slow-100", path, 0).await;
        ids.extend(plane.emit(webhook, 60).await);
    }
    for path in PATHS {
        let webhook = plane.webhook("ok", path, 0).await;
        let url = format!("{}/ok", fast.url);
        plane
            .run(&format!(
                "UPDATE rule_webhooks SET url = '{url}' WHERE webhook_id = {webhook}"
            ))
            .await;
        plane.emit(webhook, 30).await;
    }
    // What the worker had no room for does not wait for a further copy.
    let _relay = plane.start(&["relay", "--republish-after", "600"]).await;
    let published = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NULL";
    plane.until(30, published, 0).await;
    let limits = ["--concurrency", "8", "--per-host", "3"];
    let worker = plane
        .start(&[&["worker", "--path", "both"][..], &limits].concat())
        .await;
    let fast_ones = "SELECT (SELECT count(*) FROM rule_webhook_events e JOIN rule_webhooks w USING (webhook_id) WHERE w.url LIKE '%/ok' AND e.state = 'delivered')
                          + (SELECT count(*) FROM wavegate.queue q JOIN rule_webhooks w USING (webhook_id) WHERE w.url LIKE '%/ok' AND q.status = 'success')";
    plane.until(60, fast_ones, 60).await;
    let slow_ones = plane.receiver.calls().len();
    assert!(
        slow_ones < 120,
        "the fast host's events came after the slow one's"
    );
    let open = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
    plane.until(60, open, 0).await;
    plane.assert_once(&ids);
    let successes = fast.successes();
    assert!(successes.len() == 60 && successes.values().all(|count| *count == 1));
    assert_eq!(plane.receiver.most_at_once(), 3);
    let again = "SELECT count(*) FROM rule_webhook_events WHERE publish_count > 1 OR attempt > 1";
    assert_eq!(plane.number(again).await, 0);
    // One connection a call place, kept: not one a call.
    for receiver in [&plane.receiver, &fast] {
        assert!(receiver.connections() <= 6, "{}", receiver.connections());
    }
    assert!(worker.stop().await);
}
