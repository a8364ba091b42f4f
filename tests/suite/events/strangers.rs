//! `wavegate audit --strangers`: what is in the stream that PostgreSQL never knew.

use async_nats::HeaderMap;
use serde_json::Value;

use crate::{
    support::Shape,
    support::plane::{Plane, STREAM},
    support::terminal::{run, wavegate},
};

fn look(plane: &Plane, more: &[&str]) -> (i32, Value) {
    let mut command = wavegate(["audit", "--strangers", "-o", "json"]);
    let said = run(command
        .args(more)
        .env("DATABASE_URL", &plane.db.url)
        .env("NATS_URL", plane.nats.url()));
    let line = said.out.lines().next().unwrap_or_default();
    let json: Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    (said.code, json["data"]["strangers"].clone())
}

/// Publishes with our headers, as somebody would who copies a message; `None`: without any.
async fn publish(plane: &Plane, label: Option<(&str, i32)>) -> u64 {
    let mut headers = HeaderMap::new();
    if let Some((event, webhook)) = label {
        headers.insert("Wavegate-Event-Id", event);
        headers.insert("Wavegate-Webhook-Id", webhook.to_string().as_str());
        headers.insert("Wavegate-Publish-Count", "1");
    }
    let bus = plane.bus().await;
    let sent = bus
        .jetstream()
        .publish_with_headers("webhooks.strange", headers, "a secret".into())
        .await
        .unwrap();
    sent.await.unwrap().sequence
}

#[tokio::test]
async fn strangers_are_listed_and_not_touched() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    assert_eq!(look(&plane, &[]).1["messages_seen"], 0);
    let ids = plane.emit(webhook, 1200).await;
    let relay = plane.relay().await;
    let published = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL";
    plane.until(60, published, 1200).await;
    drop(relay);
    let (code, none) = look(&plane, &[]);
    assert_eq!(
        (code, &none["messages_seen"], &none["found"]),
        (0, &1200.into(), &0.into())
    );
    let without = publish(&plane, None).await;
    let unknown = publish(&plane, Some(("7:never", 7))).await;
    let another = publish(&plane, Some((&ids[0], webhook + 1))).await;
    let known = publish(&plane, Some((&ids[0], webhook))).await;
    let (code, found) = look(&plane, &[]);
    assert_eq!(
        (code, &found["messages_seen"], &found["found"]),
        (0, &1204.into(), &3.into())
    );
    let told: Vec<(u64, &str)> = found["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["sequence"].as_u64().unwrap(),
                one["why"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told.len(), 3);
    assert_eq!(told[0].0, another);
    assert!(told[0].1.contains("for webhook"), "{told:?}");
    assert_eq!(told[1], (unknown, "the ledger has no such event"));
    assert_eq!(told[2], (without, "wavegate did not publish it"));
    assert_eq!(found["messages"][0]["subject"], "webhooks.strange");
    assert!(!found.to_string().contains("a secret"));
    assert_eq!(look(&plane, &["--limit", "2"]).1["found"], 1);
    // Nothing was taken from anybody: all is still there for the durable consumer.
    let bus = plane.bus().await;
    let live = wavegate::bus::live_consumer(&bus, STREAM, "wavegate")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (live.pending, live.ack_pending, live.delivered),
        (known, 0, 0)
    );
}

#[tokio::test]
async fn the_account_comes_even_where_nats_is_away() {
    let mut plane = Plane::new(Shape::B).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    plane.emit(webhook, 3).await;
    plane.nats.kill();
    let (code, strangers) = look(&plane, &["--connect-timeout", "1"]);
    assert_eq!((code, strangers), (1, Value::Null));
}
