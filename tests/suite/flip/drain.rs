//! `wavegate drain` while callers go on: it waits, gives up, says at once where waiting is of no use, and is right when it says yes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinHandle;

use crate::{
    support::Shape,
    support::plane::Plane,
    support::terminal::{Said, run, wavegate},
};

/// Somebody who calls a webhook all the time, one transaction each.
struct Caller {
    stop: Arc<AtomicBool>,
    calls: JoinHandle<Vec<String>>,
}

impl Caller {
    async fn start(plane: &Plane, webhook: i32) -> Caller {
        let stop = Arc::new(AtomicBool::new(false));
        let mut sql = plane.db.connect().await;
        let asked = stop.clone();
        let calls = tokio::spawn(async move {
            let mut ids = Vec::new();
            while !asked.load(Ordering::Relaxed) {
                let id =
                    sqlx::query_scalar("SELECT rule_webhook_call_unified($1, '{}') ->> 'event_id'")
                        .bind(webhook)
                        .fetch_one(&mut sql)
                        .await
                        .unwrap();
                ids.push(id);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            ids
        });
        Caller { stop, calls }
    }

    async fn stop(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.calls.await.unwrap()
    }
}

/// Runs in the background, so that the test can go on beside it.
fn begin(plane: &Plane, args: &[&str]) -> JoinHandle<Said> {
    let mut command = wavegate(args);
    command
        .env("DATABASE_URL", &plane.db.url)
        .env("NATS_URL", plane.nats.url());
    tokio::task::spawn_blocking(move || run(&mut command))
}

async fn expect(plane: &Plane, code: i32, args: &[&str]) -> Said {
    let said = plane.command(args).await;
    assert_eq!(
        said.code,
        code,
        "{args:?}\n{}\n{}\n{}",
        said.out,
        said.err,
        plane.log_text()
    );
    said
}

#[tokio::test]
async fn under_traffic_it_waits_gives_up_and_says_yes_when_it_is_true() {
    let mut plane = Plane::new(Shape::A).await;
    let moving = plane.webhook("slow-20", "queue", 0).await;
    let other = plane.webhook("ok", "queue", 0).await;
    let name = moving.to_string();
    let of_queue = ["drain", "--webhook", &name];
    let of_nats = ["drain", "--webhook", &name, "--path", "nats"];
    let mut ids = plane.emit(moving, 30).await;
    let callers = [
        Caller::start(&plane, moving).await,
        Caller::start(&plane, other).await,
    ];

    // As long as its mode makes new work for the queue, waiting is of no use.
    let since = Instant::now();
    let said = expect(&plane, 4, &[&of_queue[..], &["--wait", "10m"]].concat()).await;
    assert!(said.out.contains("in mode queue or both"), "{}", said.out);
    assert!(since.elapsed() < Duration::from_secs(300));

    // In nats nothing is added to the queue any more; nobody empties it either.
    let flip = format!(
        "UPDATE rule_webhooks SET publish_mode = 'nats', nats_enabled = true WHERE webhook_id = {moving}"
    );
    plane.run(&flip).await;
    let said = expect(&plane, 4, &[&of_queue[..], &["--wait", "1s"]].concat()).await;
    assert!(
        said.out.contains("because the queue holds") && said.err.contains("--path queue"),
        "{}\n{}",
        said.out,
        said.err
    );

    // A worker comes while it waits, and the callers go on.
    let in_ledger = format!("SELECT count(*) FROM rule_webhook_events WHERE webhook_id = {moving}");
    let before = plane.number(&in_ledger).await;
    let waiting = begin(&plane, &[&of_queue[..], &["--wait", "5m"]].concat());
    let queue = plane.worker("queue").await;
    let said = waiting.await.unwrap();
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    assert!(said.out.contains("1 webhook outside of it"), "{}", said.out);
    let left = format!(
        "SELECT count(*) FROM wavegate.queue WHERE webhook_id = {moving} AND status <> 'success'"
    );
    assert_eq!(plane.number(&left).await, 0);
    plane.until_at_least(60, &in_ledger, before + 10).await;

    // Back without a fence: NATS finishes what it has, what comes from now on is the queue's.
    let said = expect(&plane, 4, &[&of_nats[..], &["--wait", "10m"]].concat()).await;
    assert!(said.out.contains("in mode nats"), "{}", said.out);
    let back = [
        "rollback",
        "--webhook",
        &name,
        "--drain",
        "--to",
        "queue",
        "--yes",
    ];
    expect(&plane, 0, &back).await;
    let said = expect(&plane, 4, &[&of_nats[..], &["--wait", "1s"]].concat()).await;
    assert!(said.out.contains("only NATS has"), "{}", said.out);
    let waiting = begin(&plane, &[&of_nats[..], &["--wait", "5m"]].concat());
    let (relay, nats) = (plane.relay().await, plane.worker("nats").await);
    let said = waiting.await.unwrap();
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    let alone =
        "SELECT count(*) FROM rule_webhook_events WHERE NOT has_queue_row AND state <> 'delivered'";
    assert_eq!(plane.number(alone).await, 0);

    // It told the truth: NATS workers are not needed any more.
    assert!(nats.stop().await && relay.stop().await);
    for caller in callers {
        ids.extend(caller.stop().await);
    }
    plane.until_delivered(60).await;
    let left = "SELECT count(*) FROM wavegate.queue WHERE status <> 'success'";
    plane.until(60, left, 0).await;
    plane.assert_once(&ids);
    assert!(queue.stop().await);
}
