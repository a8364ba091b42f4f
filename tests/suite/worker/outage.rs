//! An endpoint is away and comes back: neither path is blamed for it.

use std::time::Duration;

use crate::support::{Shape, link::Link, plane::Plane};

/// NATS gives back what it may not call, the queue's rows stay where they are: after the outage the queue used to be first, and took over
/// most of what NATS should have delivered.
#[tokio::test]
async fn an_outage_is_charged_to_nobody() {
    let mut plane = Plane::new(Shape::A).await;
    let receiver: u16 = plane
        .receiver
        .url
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let mut link = Link::to(receiver).await;
    let mut webhooks = Vec::new();
    for _ in 0..3 {
        webhooks.push(plane.webhook("ok", "both", 50).await);
    }
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET url = 'http://127.0.0.1:{}/ok', max_retries = 10, retry_delay_ms = 1000, nats_takeover_after_ms = 3000",
            link.port
        ))
        .await;
    let _processes = (
        // Copies come again as often as in production.
        plane.start(&["relay"]).await,
        plane
            .start(&["worker", "--path", "nats", "--circuit-after", "5"])
            .await,
        plane
            .start(&["worker", "--path", "queue", "--circuit-after", "5"])
            .await,
    );
    let mut ids = Vec::new();
    for tenth in 0..250 {
        match tenth {
            30 => link.cut().await,
            150 => link.join().await,
            _ => {}
        }
        ids.extend(plane.emit(webhooks[tenth % 3], 1).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    plane.until_delivered(60).await;
    plane.assert_once(&ids);
    let taken = |prefers: &str| {
        format!(
            "SELECT count(*) FROM rule_webhook_events WHERE prefers = '{prefers}' AND path <> '{prefers}'"
        )
    };
    let (nats, queue) = (
        plane.number(&taken("nats")).await,
        plane.number(&taken("queue")).await,
    );
    assert!(
        nats <= 2 && queue <= 2,
        "taken over: {nats} of NATS, {queue} of the queue, of 250"
    );
    let opened = "SELECT count(*) FROM wavegate.circuit_closed";
    assert_eq!(plane.number(opened).await, 3, "each circuit was open once");
}
