//! Pulling: on a healthy system no message waits for a pull that has ended, at a steady rate and over restarts.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use wavegate::{bus::Puller, model::ConsumerDefinition};

use crate::{
    support::Shape,
    support::plane::{Plane, STREAM},
};

/// Longer than a busy machine takes, and much shorter than the five seconds of a client that waits for the server's word.
const LATEST: Duration = Duration::from_secs(3);

/// Some messages arrive at the server in the moment in which a pull expires there: nats-server 2.9 then drops the pull without a word.
#[tokio::test]
async fn a_pull_that_the_server_forgets_delays_no_message() {
    let plane = Plane::new(Shape::A).await;
    let bus = plane.bus().await;
    let begin = Instant::now();
    let publish = {
        let client = bus.client().clone();
        async move {
            let mut tick = tokio::time::interval(Duration::from_micros(500));
            while begin.elapsed() < Duration::from_secs(10) {
                tick.tick().await;
                let now = begin.elapsed().as_millis().to_string();
                client.publish("webhooks.1", now.into()).await.unwrap();
            }
            client.publish("webhooks.1", "".into()).await.unwrap();
        }
    };
    let publisher = tokio::spawn(publish);
    let mut puller = Puller::open(&bus, STREAM, ConsumerDefinition::NAME)
        .await
        .unwrap();
    let (mut latest, mut ended) = (Duration::ZERO, false);
    while !ended {
        puller.ask(20_000).await.unwrap();
        while let Some(messages) = puller.next(200).await.unwrap() {
            for message in messages {
                message.ack().await.unwrap();
                match std::str::from_utf8(&message.payload).unwrap().parse() {
                    Ok(born) => {
                        let late = begin.elapsed().saturating_sub(Duration::from_millis(born));
                        latest = latest.max(late);
                    }
                    Err(_) => ended = true,
                }
            }
        }
    }
    publisher.await.unwrap();
    assert!(latest < LATEST, "{latest:?}");
    // What came and nobody took is there for others at once.
    bus.client()
        .publish("webhooks.1", "left".into())
        .await
        .unwrap();
    puller.ask(1).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    puller.close().await;
    let mut other = Puller::open(&bus, STREAM, ConsumerDefinition::NAME)
        .await
        .unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    let found = loop {
        assert!(Instant::now() < end);
        other.ask(1).await.unwrap();
        if let Some(messages) = other.next(1).await.unwrap() {
            break messages;
        }
    };
    assert_eq!(found[0].payload.as_ref(), b"left");
    plane.close().await;
}

/// Emits `rate` events a second for so long; when each was committed, by id.
async fn emit_steadily(
    plane: &mut Plane,
    webhook: i32,
    rate: u32,
    time: Duration,
) -> BTreeMap<String, Instant> {
    let mut born = BTreeMap::new();
    let mut tick = tokio::time::interval(Duration::from_secs(1) / rate);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let end = Instant::now() + time;
    while Instant::now() < end {
        tick.tick().await;
        let id = plane.emit(webhook, 1).await.remove(0);
        born.insert(id, Instant::now());
    }
    born
}

/// Every event came once, and none later than it may.
async fn assert_in_time(plane: &mut Plane, born: &BTreeMap<String, Instant>) {
    plane.until_delivered(20).await;
    let ids: Vec<String> = born.keys().cloned().collect();
    plane.assert_once(&ids);
    let calls = plane.receiver.calls();
    let late =
        |call: &crate::support::receiver::Call| call.came.saturating_duration_since(born[&call.id]);
    let latest = calls.iter().map(late).max().unwrap_or_default();
    assert!(latest < LATEST, "{latest:?}\n{}", plane.log_text());
}

#[tokio::test]
async fn no_event_waits_while_workers_are_replaced_one_by_one() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let _relay = plane.relay().await;
    let mut workers = vec![plane.worker("nats").await, plane.worker("nats").await];
    let mut born = BTreeMap::new();
    for _ in 0..4 {
        born.extend(emit_steadily(&mut plane, webhook, 50, Duration::from_secs(2)).await);
        let begin = Instant::now();
        assert!(workers.remove(0).stop().await);
        // A pull that stands ends soon after the stop.
        assert!(begin.elapsed() < LATEST, "{:?}", begin.elapsed());
        born.extend(emit_steadily(&mut plane, webhook, 50, Duration::from_secs(2)).await);
        workers.push(plane.worker("nats").await);
    }
    // And the last one alone.
    assert!(workers.remove(0).stop().await);
    born.extend(emit_steadily(&mut plane, webhook, 50, Duration::from_secs(4)).await);
    assert_in_time(&mut plane, &born).await;
    plane.close().await;
}
