//! `redrive` and `drain` as commands, and a re-drive beside a NATS worker that dies and a queue worker that makes no claims.

use std::{collections::BTreeSet, time::Duration};

use wavegate::{
    engine::{back::survey::Scope, no_checkpoint},
    store::{
        delivery::{ClaimHolder, ClaimVerdict, Renewal, Seen, claim_nats, renew},
        redrive,
    },
};

use crate::{
    support::Shape,
    support::bench::{Bench, bench},
    support::plane::Plane,
    support::terminal::{Said, run, wavegate},
};
use wavegate::model::Goal;

fn command(url: &str, code: i32, args: &[&str]) -> Said {
    let mut command = wavegate(args);
    command
        .env("DATABASE_URL", url)
        .env("NATS_URL", "nats://127.0.0.1:1");
    let said = run(&mut command);
    assert_eq!(said.code, code, "{args:?}\n{}\n{}", said.out, said.err);
    said
}

/// `first` in nats: hybrid events of before, and of each enabled webhook one that NATS alone has.
async fn in_nats(shape: Shape) -> Bench {
    let mut b = bench(shape, 3).await;
    b.apply("first").await.unwrap();
    b.apply("first").await.unwrap();
    b.call_all().await;
    b.apply("first").await.unwrap();
    b.call_all().await;
    b
}

/// Whoever waits at night sees that it goes on.
#[tokio::test]
async fn a_long_redrive_says_how_far_it_is() {
    let mut b = in_nats(Shape::A).await;
    b.run("SELECT count(wavegate.publish(1, '{}', NULL, NULL, NULL, false)) FROM generate_series(1, 30000)")
        .await;
    let first = Scope::Wave("first".to_string());
    b.rollback_as(first, Goal::Both, &no_checkpoint, true)
        .await
        .unwrap();
    let url = b.test.url.clone();
    let said = command(&url, 0, &["redrive", "--wave", "first", "--yes"]);
    assert!(said.err.contains(" got a queue row so far"), "{}", said.err);
    assert!(
        said.out.contains("30,002 events got a queue row"),
        "{}",
        said.out
    );
}

#[tokio::test]
async fn what_a_rollback_left_with_nats_goes_to_the_queue() {
    for shape in [Shape::A, Shape::B] {
        let mut b = in_nats(shape).await;
        let url = b.test.url.clone();
        let first = || Scope::Wave("first".to_string());
        // New events would have no queue row again.
        let said = command(&url, 5, &["redrive", "--wave", "first", "--yes"]);
        assert!(said.err.contains("in nats and not fenced"), "{}", said.err);
        command(&url, 2, &["redrive"]);
        b.rollback_as(first(), Goal::Both, &no_checkpoint, true)
            .await
            .unwrap();
        assert!(b.standing().await.ends_with("lacking 2"));
        let ask_nats = ["drain", "--wave", "first", "--path", "nats"];
        let said = command(&url, 4, &ask_nats);
        assert!(
            said.out
                .contains("NATS workers: not yet, because 2 undelivered events"),
            "{}",
            said.out
        );
        let dry = ["redrive", "--wave", "first", "--dry-run"];
        let said = command(&url, 0, &dry);
        assert!(
            said.err.contains("no queue worker is alive"),
            "{}",
            said.err
        );
        command(&url, 6, &["redrive", "--wave", "first"]);
        assert!(b.standing().await.ends_with("lacking 2"));
        let said = command(
            &url,
            0,
            &["-o", "json", "redrive", "--wave", "first", "--yes"],
        );
        let last = said.out.lines().last().unwrap();
        let json: serde_json::Value = serde_json::from_str(last).unwrap();
        assert_eq!(json["data"]["enqueued"], 2, "{json}");
        assert!(b.standing().await.ends_with("lacking 0"));
        let due = "SELECT count(*)::text FROM wavegate.queue WHERE two_route AND (status <> 'pending' OR scheduled_at > now())";
        assert_eq!(b.text(due).await, "0");
        // Its events are the queue's now.
        let said = command(&url, 0, &ask_nats);
        assert!(
            said.out.contains("NATS workers may be stopped"),
            "{}",
            said.out
        );
        let said = command(&url, 4, &["drain", "--wave", "first"]);
        assert!(said.out.contains("in mode queue or both"), "{}", said.out);
        let lines = "SELECT string_agg(step || ':' || coalesce(wave, '-'), ' ' ORDER BY id) FROM wavegate.journal WHERE step LIKE 'redrive%'";
        assert_eq!(
            b.text(lines).await,
            "redrive.intent:first redrive.done:first"
        );
        command(&url, 0, &["redrive", "--all", "--yes"]);
    }
}

#[tokio::test]
async fn drain_says_when_queue_workers_may_go() {
    for shape in [Shape::A, Shape::B] {
        let mut b = in_nats(shape).await;
        let url = b.test.url.clone();
        let pilot = ["drain", "--wave", "first"];
        let said = command(&url, 4, &pilot);
        assert!(
            said.out
                .contains("Queue workers: not yet, because the queue holds 2 calls"),
            "{}",
            said.out
        );
        b.run("UPDATE wavegate.queue SET status = 'success' WHERE call_id = (SELECT min(call_id) FROM wavegate.queue)")
            .await;
        // One is left, in the hands of a worker of somebody's who is long gone.
        b.run("UPDATE wavegate.queue SET status = 'processing', started_at = now() - interval '1 h' WHERE status = 'pending' AND webhook_id < 4")
            .await;
        let said = command(&url, 4, &pilot);
        assert!(said.out.contains("nobody works on it"), "{}", said.out);
        let finish = b.run("SELECT pg_sleep(1.5); UPDATE wavegate.queue SET status = 'success' WHERE status = 'processing'");
        let waiting = url.clone();
        let wait = tokio::task::spawn_blocking(move || {
            command(&waiting, 0, &["drain", "--wave", "first", "--wait", "60s"])
        });
        finish.await;
        let said = wait.await.unwrap();
        assert!(
            said.out
                .contains("as far as wave first goes; 1 webhook outside of it"),
            "{}",
            said.out
        );
        // The other wave is in queue, and everything is not one wave.
        let said = command(&url, 4, &["drain", "--all", "--wait", "60s"]);
        assert!(said.out.contains("b_1; the queue"), "{}", said.out);
        b.run("UPDATE rule_webhooks SET publish_mode = 'nats' WHERE webhook_name = 'b_1'; DELETE FROM wavegate.queue")
            .await;
        let said = command(&url, 0, &["-o", "json", "drain", "--all"]);
        let json: serde_json::Value =
            serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
        assert_eq!(json["data"]["drained"], true, "{json}");
    }
}

/// The claim of a worker that slept past its lease: once the event was given to the queue it cannot be renewed, or a queue
/// worker that makes no claims would deliver beside it.
#[tokio::test]
async fn a_claim_that_ran_out_ends_with_the_redrive() {
    let mut b = in_nats(Shape::A).await;
    let db = crate::support::open(&b.test.url).await;
    let event = b
        .text(
            "SELECT event_id FROM rule_webhook_events WHERE NOT has_queue_row ORDER BY seq LIMIT 1",
        )
        .await;
    let webhook_id: i32 = b
        .text(&format!(
            "SELECT webhook_id::text FROM rule_webhook_events WHERE event_id = '{event}'"
        ))
        .await
        .parse()
        .unwrap();
    let holder = ClaimHolder {
        id: "sleeper".to_string(),
        slack_ms: 3000,
    };
    let seen = Seen {
        event_id: event.clone(),
        webhook_id,
        copy: 1,
        room: true,
    };
    let mut answers = claim_nats(&db, &holder, &[seen], true).await.unwrap();
    let Some((_, ClaimVerdict::Claimed(claim, _))) = answers.pop() else {
        panic!("not claimed");
    };
    let expire = "UPDATE rule_webhook_events SET lease_until = now() - interval '1 s' WHERE state = 'claimed'";
    b.run(expire).await;
    assert_eq!(
        renew(&db, "sleeper", &claim, 5000).await.unwrap(),
        Renewal::Held
    );
    b.run(expire).await;
    let mut ours = db.pool().acquire().await.unwrap();
    redrive::enqueue_undelivered(&mut ours, Some(&[webhook_id]), &mut |_| {})
        .await
        .unwrap();
    assert_eq!(
        renew(&db, "sleeper", &claim, 5000).await.unwrap(),
        Renewal::Lost
    );
    let noted = "SELECT string_agg(concat_ws(' ', event_id, attempt, path, worker_id), ',') FROM wavegate.ambiguous_attempt";
    assert_eq!(b.text(noted).await, format!("{event} 1 nats sleeper"));

    // The same where the dead claim keeps a queue row: somebody else's worker would never look at it again.
    b.run("UPDATE rule_webhooks SET publish_mode = 'both', nats_share = 100")
        .await;
    b.run(&format!(
        "UPDATE rule_webhook_events SET state = 'claimed', path = 'nats', claimed_by = 'other', attempt = 2, lease_until = now() - interval '1 s' WHERE event_id = '{event}';
         UPDATE wavegate.queue SET status = 'processing', claimed_by = 'other', started_at = now() - interval '9 s', lease_until = now() - interval '1 s' WHERE event_id = '{event}'"
    ))
    .await;
    assert_eq!(
        redrive::release(&mut ours, Some(&[webhook_id]))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        redrive::release(&mut ours, Some(&[webhook_id]))
            .await
            .unwrap(),
        0
    );
    let row = "SELECT concat_ws(' ', q.status, q.retry_count, q.next_retry_at <= now(), e.state, e.attempt) FROM wavegate.queue q JOIN rule_webhook_events e USING (event_id)";
    assert_eq!(
        b.text(&format!("{row} WHERE event_id = '{event}'")).await,
        "retrying 2 t retrying 2"
    );
}

/// Somebody else's queue worker, which makes no claims; it says what it delivered.
const FOREIGN_WORKER: &str = "WITH due AS (
        SELECT call_id FROM rule_webhook_calls
        WHERE status = 'pending' AND scheduled_at <= now() OR status = 'retrying' AND next_retry_at <= now() FOR UPDATE SKIP LOCKED
    ) UPDATE rule_webhook_calls c SET status = 'success', completed_at = now(), response_status = 200 FROM due WHERE c.call_id = due.call_id";

#[tokio::test]
async fn a_rollback_beside_a_foreign_queue_worker_and_a_nats_worker_that_dies() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("slow-400", "nats", 0).await;
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 1000")
        .await;
    let relay = plane.relay().await;
    let doomed = plane
        .start(&[
            "worker",
            "--path",
            "nats",
            "--lease-slack",
            "3",
            "--concurrency",
            "8",
        ])
        .await;
    let ids = plane.emit(webhook, 60).await;
    let busy =
        "SELECT (count(*) >= 8)::int::bigint FROM rule_webhook_events WHERE state = 'claimed'";
    plane.until(60, busy, 1).await;
    doomed.freeze();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let reached: BTreeSet<String> = plane.receiver.calls().into_iter().map(|c| c.id).collect();
    let url = plane.db.url.clone();
    let name = webhook.to_string();
    let back = tokio::task::spawn_blocking(move || {
        command(&url, 0, &["rollback", "--webhook", &name, "--yes"])
    });
    // The foreign worker runs all the while.
    while !back.is_finished() {
        plane.run(FOREIGN_WORKER).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    back.await.unwrap();
    // It wakes up, thinks that it holds what it held, and goes on for a while.
    doomed.thaw();
    for _ in 0..20 {
        plane.run(FOREIGN_WORKER).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    plane.until_delivered(60).await;
    let after: BTreeSet<String> = plane.receiver.calls().into_iter().map(|c| c.id).collect();
    assert_eq!(after, reached, "nothing was sent after the fence");
    let theirs: Vec<String> = sqlx::query_scalar(
        "SELECT event_id FROM rule_webhook_calls WHERE status = 'success' AND claimed_by IS NULL",
    )
    .fetch_all(&mut plane.sql)
    .await
    .unwrap();
    let theirs: BTreeSet<String> = theirs.into_iter().collect();
    let all: BTreeSet<String> = theirs.union(&reached).cloned().collect();
    assert_eq!(
        all,
        ids.iter().cloned().collect(),
        "every event once at least"
    );
    let noted: Vec<String> = sqlx::query_scalar("SELECT event_id FROM wavegate.ambiguous_attempt")
        .fetch_all(&mut plane.sql)
        .await
        .unwrap();
    let noted: BTreeSet<String> = noted.into_iter().collect();
    let twice: BTreeSet<String> = theirs.intersection(&reached).cloned().collect();
    assert!(twice.is_subset(&noted), "{twice:?} {noted:?}");
    // It holds four events for each call that may run.
    assert!(noted.len() <= 32, "only what was held: {noted:?}");
    assert!(relay.stop().await);
    drop(doomed);
}
