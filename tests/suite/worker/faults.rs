//! Processes and servers killed while events are in flight: nothing lost, nothing doubled but the counted ambiguity.

use std::{collections::BTreeSet, time::Duration};

use crate::{support::Shape, support::plane::Plane};

#[tokio::test]
async fn a_worker_killed_in_flight_loses_nothing_and_each_attempt_without_result_is_named() {
    tokio::join!(
        kill_in_flight("queue", "queue"),
        kill_in_flight("queue", "both"),
        kill_in_flight("nats", "nats"),
    );
}

async fn kill_in_flight(path: &str, mode: &str) {
    let mut plane = Plane::new(Shape::A).await;
    // No call may come too late, however slow this machine is.
    let webhook = plane.webhook("slow-1000", mode, 0).await;
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 3000")
        .await;
    let relay = plane.relay().await;
    let ids = plane.emit(webhook, 60).await;
    let unpublished = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NULL";
    plane.until(30, unpublished, 0).await;
    assert!(relay.stop().await);
    let worker = ["worker", "--path", path, "--lease-slack", "3"];
    let doomed = plane.start(&worker).await;
    let held = if mode == "queue" {
        "FROM wavegate.queue WHERE status = 'processing'"
    } else {
        "FROM rule_webhook_events WHERE state = 'claimed'"
    };
    // All are claimed: a message that it had pulled and not yet claimed would come again after the ack wait, two minutes.
    let all_claimed = format!(
        "SELECT (count(*) >= 20 AND NOT EXISTS (SELECT FROM rule_webhook_events WHERE state = 'open'))::int::bigint {held}"
    );
    plane.until(30, &all_claimed, 1).await;
    doomed.kill();
    // What it had asked of PostgreSQL is done when its sessions are gone; no other process has any.
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'wavegate%'";
    plane.until(30, sessions, 0).await;
    // What was on its way may have arrived without its result: that, and only that, may come twice.
    let held = format!("SELECT event_id, {webhook}, 1, '{path}', claimed_by {held}");
    let in_flight = attempts(&mut plane, &held).await;
    let _processes = (plane.relay().await, plane.start(&worker).await);
    let undelivered = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
    plane.until(90, undelivered, 0).await;
    let successes = plane.receiver.successes();
    assert_eq!(successes.len(), ids.len());
    for (id, count) in successes {
        assert!(
            count == 1 || count == 2 && in_flight.iter().any(|held| held.0 == id),
            "{id} came {count} times"
        );
    }
    let calls = plane.receiver.calls();
    assert!(calls.iter().all(|call| ids.contains(&call.id)));
    let named =
        "SELECT event_id, webhook_id, attempt, path, worker_id FROM wavegate.ambiguous_attempt";
    assert_eq!(attempts(&mut plane, named).await, in_flight, "{mode}");
}

type Attempt = (String, i32, i32, String, String);

async fn attempts(plane: &mut Plane, sql: &str) -> BTreeSet<Attempt> {
    sqlx::query_as::<_, Attempt>(sqlx::AssertSqlSafe(sql.to_string()))
        .fetch_all(&mut plane.sql)
        .await
        .unwrap()
        .into_iter()
        .collect()
}

#[tokio::test]
async fn a_relay_killed_again_and_again_loses_and_doubles_nothing() {
    let mut plane = Plane::new(Shape::B).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let _workers = (plane.worker("nats").await, plane.worker("nats").await);
    let mut ids = Vec::new();
    for _ in 0..4 {
        let relay = plane.relay().await;
        ids.extend(plane.emit(webhook, 60).await);
        relay.kill();
    }
    let _relay = plane.relay().await;
    plane.until_delivered(30).await;
    plane.assert_once(&ids);
    plane
        .until(
            10,
            "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NULL",
            0,
        )
        .await;
    plane
        .until(10, "SELECT count(*) FROM rule_nats_outbox", 0)
        .await;
}

#[tokio::test]
async fn nats_down_and_up_again_delays_and_loses_nothing() {
    let mut plane = Plane::new(Shape::A).await;
    let single = plane.webhook("ok", "nats", 0).await;
    let hybrid = plane.webhook("ok", "both", 50).await;
    let _processes = (plane.relay().await, plane.worker("both").await);
    let mut ids = plane.emit(single, 40).await;
    plane.nats.kill();
    // Callers notice nothing.
    ids.extend(plane.emit(single, 40).await);
    ids.extend(plane.emit(hybrid, 40).await);
    plane
        .until(
            15,
            "SELECT (count(*) > 0)::int::bigint FROM rule_nats_publish_history WHERE NOT success",
            1,
        )
        .await;
    plane
        .until(5, "SELECT count(*) FROM wavegate.relay WHERE last_error IS NOT NULL AND seen_at > now() - interval '3 s'", 1)
        .await;
    plane.nats.resume().unwrap();
    plane.until_delivered(60).await;
    plane.assert_once(&ids);
    // The log of failures stayed small: not a row per event and poll.
    let failures = plane
        .number("SELECT count(*) FROM rule_nats_publish_history WHERE NOT success")
        .await;
    assert!(failures < 300, "{failures}");
}

#[tokio::test]
async fn a_purged_stream_and_a_deleted_storage_lose_nothing() {
    for deleted in [false, true] {
        let mut plane = Plane::new(Shape::A).await;
        let webhook = plane.webhook("ok", "nats", 0).await;
        let relay = plane.relay().await;
        let ids = plane.emit(webhook, 50).await;
        plane
            .until(
                15,
                "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL",
                50,
            )
            .await;
        if deleted {
            plane.nats.kill();
            plane.nats.forget().unwrap();
            plane.nats.resume().unwrap();
        } else {
            let bus = plane.bus().await;
            let stream = bus
                .jetstream()
                .get_stream(crate::support::plane::STREAM)
                .await
                .unwrap();
            stream.purge().await.unwrap();
        }
        let _worker = plane.worker("nats").await;
        plane.until_delivered(60).await;
        plane.assert_once(&ids);
        let again = plane
            .number("SELECT count(*) FROM rule_webhook_events WHERE publish_count = 2")
            .await;
        assert_eq!(again, 50);
        assert!(relay.stop().await);
    }
}

#[tokio::test]
async fn a_worker_that_is_asked_to_stop_finishes_what_it_holds() {
    let mut plane = Plane::new(Shape::A).await;
    let plain = plane.webhook("slow-1500", "queue", 0).await;
    let single = plane.webhook("slow-1500", "nats", 0).await;
    let _relay = plane.relay().await;
    let ids = [plane.emit(plain, 10).await, plane.emit(single, 10).await].concat();
    let worker = plane.worker("both").await;
    plane
        .until(
            10,
            "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed') + (SELECT count(*) FROM wavegate.queue WHERE status = 'processing')",
            20,
        )
        .await;
    assert!(worker.stop().await);
    plane.assert_once(&ids);
    let open = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
    assert_eq!(plane.number(open).await, 0);
    plane.until_acknowledged(5).await;
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.worker WHERE stopped_at IS NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn two_nats_workers_never_call_twice() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("slow-20", "nats", 0).await;
    let _processes = (
        plane.relay().await,
        plane.worker("nats").await,
        plane.worker("nats").await,
    );
    plane
        .run(&format!(
            "SELECT rule_webhook_call_unified({webhook}, '{{}}') FROM generate_series(1, 1500)"
        ))
        .await;
    plane.until_delivered(60).await;
    let successes = plane.receiver.successes();
    assert_eq!(successes.len(), 1500);
    assert!(successes.values().all(|count| *count == 1));
}

#[tokio::test]
async fn sessions_that_postgresql_ends_lose_and_double_nothing() {
    let mut plane = Plane::new(Shape::A).await;
    let plain = plane.webhook("slow-20", "queue", 0).await;
    let hybrid = plane.webhook("slow-20", "both", 50).await;
    let single = plane.webhook("slow-20", "nats", 0).await;
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 1000, nats_takeover_after_ms = 3000")
        .await;
    let _processes = (
        plane.relay().await,
        plane
            .start(&["worker", "--path", "both", "--lease-slack", "3"])
            .await,
        plane
            .start(&["worker", "--path", "both", "--lease-slack", "3"])
            .await,
    );
    let mut ids = Vec::new();
    for _ in 0..6 {
        for webhook in [plain, hybrid, single] {
            ids.extend(plane.emit(webhook, 15).await);
        }
        plane
            .run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'wavegate%'")
            .await;
    }
    plane.until_delivered(90).await;
    plane
        .until(
            60,
            "SELECT count(*) FROM wavegate.queue WHERE status <> 'success'",
            0,
        )
        .await;
    // A result whose commit was not heard of is written again, and finds nothing to do.
    plane.assert_once(&ids);
}

#[tokio::test]
async fn what_starts_while_nats_is_down_works_once_it_is_up_and_rolls_back_meanwhile() {
    let mut plane = Plane::new(Shape::B).await;
    let single = plane.webhook("ok", "nats", 0).await;
    let fenced = plane.webhook("ok", "nats", 0).await;
    plane.nats.kill();
    let _processes = (plane.relay().await, plane.worker("both").await);
    let mut ids = plane.emit(fenced, 10).await;
    plane
        .run(&format!(
            "INSERT INTO rule_nats_fences (webhook_id) VALUES ({fenced})"
        ))
        .await;
    // The way back needs no NATS.
    plane.until_delivered(20).await;
    ids.extend(plane.emit(single, 10).await);
    plane.nats.resume().unwrap();
    plane.until_delivered(40).await;
    plane.assert_once(&ids);
}

/// Somebody locks the rows of claims that wait for their turn: they are held all the same, and nobody else takes them.
#[tokio::test]
async fn claims_whose_rows_are_locked_are_held_all_the_same() {
    let mut plane = Plane::new(Shape::A).await;
    let webhooks = [
        plane.webhook("slow-1000", "queue", 0).await,
        plane.webhook("slow-1000", "nats", 0).await,
    ];
    plane
        .run("UPDATE rule_webhooks SET timeout_ms = 3000")
        .await;
    let relay = plane.relay().await;
    let mut ids = Vec::new();
    for webhook in webhooks {
        ids.extend(plane.emit(webhook, 5).await);
    }
    let unpublished = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NULL";
    plane.until(30, unpublished, 0).await;
    // One call at a time: the others wait, and have to be renewed after two seconds.
    let options = [
        "worker",
        "--path",
        "both",
        "--concurrency",
        "1",
        "--per-host",
        "0",
        "--lease-slack",
        "3",
    ];
    let worker = plane.start(&options).await;
    let waiting = "SELECT (SELECT count(*) FROM wavegate.queue WHERE status = 'processing') / 3
                        + (SELECT count(*) FROM rule_webhook_events WHERE state = 'claimed') / 3";
    plane.until(30, waiting, 2).await;
    let mut sitter = plane.db.connect().await;
    for sql in [
        "BEGIN",
        "SELECT FROM wavegate.queue WHERE status = 'processing' FOR UPDATE",
        "SELECT FROM rule_webhook_events WHERE state = 'claimed' FOR UPDATE",
    ] {
        sqlx::query(sql).execute(&mut sitter).await.unwrap();
    }
    let held = "SELECT least(count(*), 2) FROM wavegate.held WHERE until > now()";
    plane.until(30, held, 2).await;
    // Longer than the leases that the rows tell.
    let over = "SELECT least(count(*), 1) FROM wavegate.queue WHERE status = 'processing' AND lease_until < now()";
    plane.until(30, over, 1).await;
    let other = plane.start(&options).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    sqlx::query("COMMIT").execute(&mut sitter).await.unwrap();
    let left = "SELECT (SELECT count(*) FROM rule_webhook_events WHERE state <> 'delivered') + (SELECT count(*) FROM wavegate.queue WHERE status <> 'success')";
    plane.until(90, left, 0).await;
    plane.assert_once(&ids);
    let named = "SELECT count(*) FROM wavegate.ambiguous_attempt";
    assert_eq!(plane.number(named).await, 0);
    let spent = "SELECT (SELECT sum(attempt) FROM rule_webhook_events) + (SELECT sum(retry_count + 1) FROM wavegate.queue)";
    assert_eq!(plane.number(spent).await, 10);
    let held = "SELECT count(*) FROM wavegate.held";
    plane.until(30, held, 0).await;
    assert!(worker.stop().await && other.stop().await && relay.stop().await);
}
