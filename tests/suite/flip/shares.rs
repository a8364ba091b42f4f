//! Shares under live traffic: each event goes the way that its hash drew at birth, unless that way is silent.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use wavegate::{
    engine::{barrier::Patience, forward::choice::Target},
    plan::Plan,
};

use crate::{
    support::Shape,
    support::bench::{Ask, PLAN, bench, next},
    support::plane::Plane,
};

struct Traffic {
    stop: Arc<AtomicBool>,
    callers: Vec<tokio::task::JoinHandle<Vec<String>>>,
}

impl Traffic {
    async fn start(plane: &Plane, webhook: i32, sessions: usize) -> Traffic {
        let stop = Arc::new(AtomicBool::new(false));
        let mut callers = Vec::new();
        for _ in 0..sessions {
            let (mut sql, stop) = (plane.db.connect().await, stop.clone());
            callers.push(tokio::spawn(async move {
                let mut ids = Vec::new();
                while !stop.load(Relaxed) {
                    let id: String = sqlx::query_scalar(
                        "SELECT rule_webhook_call_unified($1, '{}') ->> 'event_id'",
                    )
                    .bind(webhook)
                    .fetch_one(&mut sql)
                    .await
                    .unwrap();
                    ids.push(id);
                    tokio::time::sleep(Duration::from_millis(8)).await;
                }
                ids
            }));
        }
        Traffic { stop, callers }
    }

    async fn end(self) -> Vec<String> {
        self.stop.store(true, Relaxed);
        let mut all = Vec::new();
        for caller in self.callers {
            all.extend(caller.await.unwrap());
        }
        all
    }
}

async fn share(plane: &mut Plane, webhook: i32, share: i16) {
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET nats_share = {share} WHERE webhook_id = {webhook}"
        ))
        .await;
}

#[tokio::test]
async fn every_event_goes_the_way_that_its_hash_drew() {
    for (shape, steps) in [
        (Shape::A, [0, 10, 25, 50, 100, 50, 10].as_slice()),
        (Shape::B, [5, 30, 1, 99].as_slice()),
    ] {
        let mut plane = Plane::new(shape).await;
        let webhook = plane.webhook("ok", "both", 0).await;
        let _crew = (
            plane.relay().await,
            plane.worker("nats").await,
            plane.worker("queue").await,
        );
        let traffic = Traffic::start(&plane, webhook, 3).await;
        let mut shares = BTreeMap::new();
        for step in steps {
            share(&mut plane, webhook, *step).await;
            let epoch = plane.number("SELECT mode_epoch FROM rule_webhooks").await;
            shares.insert(epoch, *step);
            plane
                .until_at_least(
                    120,
                    &format!("SELECT count(*) FROM rule_webhook_events WHERE epoch = {epoch}"),
                    150,
                )
                .await;
        }
        let ids = traffic.end().await;
        plane.until_delivered(60).await;
        plane.assert_once(&ids);
        for (epoch, share) in shares {
            // The hash at birth decides, and both ways were alive: nobody took anything over.
            let strays = format!(
                "SELECT count(*) FROM rule_webhook_events WHERE epoch = {epoch}
                 AND (prefers <> CASE WHEN wavegate.bucket(event_id) < {share} THEN 'nats' ELSE 'queue' END OR path <> prefers)"
            );
            assert_eq!(
                plane.number(&strays).await,
                0,
                "share {share}\n{}",
                plane.log_text()
            );
            let count = |what: &str| {
                format!("SELECT count(*) FROM rule_webhook_events WHERE epoch = {epoch} AND {what}")
            };
            let all = plane.number(&count("true")).await as f64;
            let nats = plane.number(&count("path = 'nats'")).await as f64;
            let wanted = all * f64::from(share) / 100.0;
            // Five standard deviations: once in millions of runs.
            let apart = 5.0 * (wanted * (1.0 - f64::from(share) / 100.0)).sqrt();
            assert!(
                (nats - wanted).abs() <= apart.max(1e-9),
                "share {share}: {nats} of {all}"
            );
        }
        plane.close().await;
    }
}

#[tokio::test]
async fn a_silent_way_is_taken_over_and_nothing_is_sent_twice() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 50).await;
    plane
        .run("UPDATE rule_webhooks SET nats_takeover_after_ms = 2000")
        .await;
    let _relay = plane.relay().await;
    let nats = plane.worker("nats").await;
    let queue = plane.worker("queue").await;
    let mut ids = plane.emit(webhook, 20).await;
    plane.until_delivered(60).await;
    let taken = "SELECT count(*) FROM rule_webhook_events WHERE path <> prefers";

    // No NATS worker: the queue rows come due by themselves.
    assert!(nats.stop().await);
    let before = plane.number(taken).await;
    ids.extend(plane.emit(webhook, 40).await);
    plane.until_delivered(60).await;
    let by_queue =
        "SELECT count(*) FROM rule_webhook_events WHERE path <> prefers AND path = 'queue'";
    assert!(plane.number(by_queue).await > before, "the queue took over");

    // No queue worker: NATS takes its part once it has been silent.
    let nats = plane.worker("nats").await;
    queue.kill();
    ids.extend(plane.emit(webhook, 40).await);
    plane.until_delivered(60).await;
    let by_nats =
        "SELECT count(*) FROM rule_webhook_events WHERE path <> prefers AND path = 'nats'";
    assert!(plane.number(by_nats).await > 0, "NATS took over");
    let early = "SELECT count(*) FROM rule_webhook_events WHERE path <> prefers AND delivered_at < due_at + interval '2 s'";
    assert_eq!(plane.number(early).await, 0);

    // Down to 0 with events on their way: whoever gets them, gets them once.
    let _queue = plane.worker("queue").await;
    let traffic = Traffic::start(&plane, webhook, 2).await;
    for step in [100, 0, 100, 0] {
        share(&mut plane, webhook, step).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    ids.extend(traffic.end().await);
    plane.until_delivered(60).await;
    plane.assert_once(&ids);
    drop(nats);
}

#[tokio::test]
async fn a_plans_own_shares_are_taken_one_by_one_and_any_smaller_one_at_once() {
    let mut b = bench(Shape::B, 2).await;
    b.plan = Plan::parse(&PLAN.replace("[0, 100]", "[0, 7, 33, 100]")).unwrap();
    let to = |share: &str| Ask {
        to: Some(share.parse::<Target>().unwrap()),
        ..next("first")
    };
    let patience = Patience::default();
    b.apply("first").await.unwrap();
    for (asked, taken) in [
        ("share=33", None),
        ("share=7", Some(7)),
        ("nats", None),
        ("share=33", Some(33)),
        // Down to whatever is wanted, and up again by the plan's steps.
        ("share=5", Some(5)),
        ("share=33", None),
        ("share=7", Some(7)),
        ("share=0", Some(0)),
        ("share=7", Some(7)),
        ("share=33", Some(33)),
        ("share=100", Some(100)),
        ("share=33", Some(33)),
    ] {
        let outcome = b.apply_as(to(asked), &patience).await;
        assert_eq!(outcome.is_ok(), taken.is_some(), "{asked}: {outcome:?}");
        if let Some(taken) = taken {
            let stands = b
                .text("SELECT string_agg(DISTINCT publish_mode || nats_share, ' ') FROM rule_webhooks WHERE webhook_name LIKE 'a%'")
                .await;
            assert_eq!(stands, format!("both{taken}"), "{asked}");
        }
    }
}
