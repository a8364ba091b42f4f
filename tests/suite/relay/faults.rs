//! Nobody's lock, poison, look-alike or lost NATS holds another event up at the relay.

use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::Executor;

use crate::{support::Shape, support::link::Link, support::plane::Plane, support::under_role};

const PUBLISHED: &str = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL";

/// A relay that cannot reach NATS takes nothing beside one that can, says so, and is blamed by no alert for holding partitions.
#[tokio::test]
async fn a_relay_without_nats_leaves_all_partitions_to_one_that_has_it() {
    let mut plane = Plane::new(Shape::A).await;
    let mut webhooks = Vec::new();
    for _ in 0..8 {
        webhooks.push(plane.webhook("ok", "nats", 0).await);
    }
    let away = ("NATS_URL", "nats://127.0.0.1:2");
    for healthy_first in [true, false] {
        let begin = plane.number(PUBLISHED).await;
        let (healthy, cut_off);
        if healthy_first {
            healthy = plane.relay().await;
            cut_off = plane.start_with(&["relay"], &[away]).await;
        } else {
            cut_off = plane.start_with(&["relay"], &[away]).await;
            healthy = plane.relay().await;
        }
        // Several looks at who holds what.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let emitted = Instant::now();
        for webhook in &webhooks {
            plane.emit(*webhook, 2).await;
        }
        plane.until(2, PUBLISHED, begin + 16).await;
        assert!(emitted.elapsed() < Duration::from_secs(5));
        plane
            .until(
                10,
                "SELECT count(*) FROM wavegate.relay WHERE stopped_at IS NULL AND partitions = '{}'
                   AND last_error LIKE 'stands by: not connected to NATS at %127.0.0.1:2'",
                1,
            )
            .await;
        assert!(
            cut_off.log_text().contains("stands by: not connected"),
            "{}",
            cut_off.log_text()
        );
        assert!(cut_off.stop().await && healthy.stop().await);
    }
}

/// Somebody locks the ledger and the queue for longer than any pause: the sweeper looks again within seconds after.
#[tokio::test]
async fn no_pause_grows_with_a_lock_that_a_look_waited_for() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let processes = (plane.relay().await, plane.worker("nats").await);
    plane.emit(webhook, 1).await;
    plane.until_delivered(10).await;
    for table in ["rule_webhook_events", "rule_webhook_calls"] {
        let mut other = plane.db.connect().await;
        other
            .execute(sqlx::AssertSqlSafe(format!(
                "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
            )))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(13)).await;
        other.execute("ROLLBACK").await.unwrap();
        // Its first copy comes before it is due: only the sweeper brings it again.
        plane
            .run(&format!(
                "SELECT rule_webhook_enqueue({webhook}, '{{}}', NULL, now() + interval '4 s')"
            ))
            .await;
        let due = Instant::now() + Duration::from_secs(4);
        plane.until_delivered(20).await;
        assert!(
            due.elapsed() < Duration::from_secs(10),
            "{table}: {:?} late\n{}",
            due.elapsed(),
            plane.log_text()
        );
    }
    assert!(processes.1.stop().await && processes.0.stop().await);
}

/// Of jsonb 144 kB, of text more than PostgreSQL can make: nobody can read it.
const UNREADABLE: &str = "('[' || rtrim(repeat('1e131000,', 9000), ',') || ']')::jsonb";

/// A payload that cannot be read holds nothing up; its event is set aside by name, or left to the queue.
#[tokio::test]
async fn an_unreadable_payload_is_set_aside_and_nothing_waits_for_it() {
    let mut plane = Plane::new(Shape::A).await;
    let nats = plane.webhook("ok", "nats", 0).await;
    let both = plane.webhook("ok", "both", 100).await;
    let mut ids = plane.emit(nats, 5).await;
    for webhook in [nats, both] {
        plane
            .run(&format!(
                "SELECT rule_webhook_enqueue({webhook}, {UNREADABLE})"
            ))
            .await;
    }
    ids.extend(plane.emit(nats, 5).await);
    // As the publisher notes them.
    plane
        .run("UPDATE rule_nats_outbox SET payload_bytes = 10 WHERE pg_column_size(payload) < 1000")
        .await;
    let processes = (plane.relay().await, plane.worker("nats").await);
    // The one that cannot be read takes PostgreSQL seconds; the others do not wait for that.
    plane
        .until(
            1,
            "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'",
            10,
        )
        .await;
    let set_aside = "SELECT count(*) FROM wavegate.stuck s JOIN rule_webhook_events e USING (call_id)
         WHERE s.what = 'read' AND s.reason LIKE '%cannot be read%' AND e.state = 'stuck' AND s.event_id = e.event_id";
    plane.until(30, set_aside, 1).await;
    let void = "SELECT count(*) FROM rule_webhook_events WHERE void_reason LIKE '%cannot be read%' AND has_queue_row AND state <> 'stuck'";
    plane.until(30, void, 1).await;
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.unpublished")
            .await,
        0
    );
    ids.extend(plane.emit(nats, 20).await);
    plane
        .until(
            5,
            "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'",
            30,
        )
        .await;
    // It is not read again: what would list it anew has looked meanwhile.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(plane.number(set_aside).await, 1);
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.unpublished")
            .await,
        0
    );
    plane.assert_once(&ids);
    assert!(processes.1.stop().await && processes.0.stop().await);
}

/// What the queue refuses as well is set aside; what is refused beside it gets its row.
#[tokio::test]
async fn an_event_that_neither_nats_nor_the_queue_takes_is_set_aside() {
    let mut plane = Plane::new(Shape::A).await;
    let (bad, good) = (
        plane.webhook("ok", "nats", 0).await,
        plane.webhook("ok", "nats", 0).await,
    );
    plane
        .run("UPDATE rule_webhooks SET nats_subject = 'webhooks..x'")
        .await;
    plane
        .run(&format!(
            "ALTER TABLE rule_webhook_calls ADD CONSTRAINT somebodys CHECK (webhook_id <> {bad})"
        ))
        .await;
    for webhook in [good, bad, good] {
        plane.emit(webhook, 3).await;
    }
    let relay = plane.relay().await;
    plane
        .until(
            20,
            "SELECT count(*) FROM rule_webhook_events WHERE void_reason IS NOT NULL AND has_queue_row AND state = 'open'",
            6,
        )
        .await;
    plane
        .until(
            20,
            "SELECT count(*) FROM wavegate.stuck s JOIN rule_webhook_events e USING (call_id)
             WHERE s.what = 'publish' AND s.reason LIKE '%somebodys%' AND e.state = 'stuck' AND e.void_reason IS NOT NULL",
            3,
        )
        .await;
    assert!(relay.stop().await);
}

/// Rows that somebody holds locked wait alone: all others are published and marked meanwhile, and these at once after.
#[tokio::test]
async fn a_locked_row_is_marked_later_and_others_do_not_wait() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let lost = plane.webhook("ok", "nats", 0).await;
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET nats_subject = 'webhooks..x' WHERE webhook_id = {lost}"
        ))
        .await;
    plane.emit(webhook, 20).await;
    plane.emit(lost, 5).await;
    let mut other = plane.db.connect().await;
    other
        .execute(sqlx::AssertSqlSafe(format!(
            "BEGIN; SELECT FROM rule_webhook_events WHERE webhook_id = {webhook} ORDER BY seq LIMIT 10 FOR UPDATE;
             SELECT FROM rule_webhook_events WHERE webhook_id = {lost} ORDER BY seq LIMIT 2 FOR UPDATE"
        )))
        .await
        .unwrap();
    let relay = plane.relay().await;
    let void =
        "SELECT count(*) FROM rule_webhook_events WHERE void_reason IS NOT NULL AND has_queue_row";
    plane.until(3, PUBLISHED, 10).await;
    plane.until(3, void, 3).await;
    for round in 1..=5 {
        plane.emit(webhook, 10).await;
        plane.until(1, PUBLISHED, 10 + 10 * round).await;
    }
    other.execute("ROLLBACK").await.unwrap();
    plane.until(5, PUBLISHED, 70).await;
    plane.until(5, void, 5).await;
    // Each was sent once.
    let bus = plane.bus().await;
    let live = wavegate::bus::live_stream(&bus, crate::support::plane::STREAM)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(live.last_seq, 70);
    assert!(relay.stop().await);
}

/// Somebody's result on a locked ledger row waits; those on other rows are taken over.
#[tokio::test]
async fn a_foreign_result_waits_for_its_own_lock_alone() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 0).await;
    let ids = plane.emit(webhook, 5).await;
    let mut other = plane.db.connect().await;
    other
        .execute(sqlx::AssertSqlSafe(format!(
            "BEGIN; SELECT FROM rule_webhook_events WHERE event_id = '{}' FOR UPDATE;
             SELECT FROM rule_nats_outbox WHERE event_id = '{}' FOR UPDATE",
            ids[0], ids[1]
        )))
        .await
        .unwrap();
    plane
        .run("UPDATE rule_webhook_calls SET status = 'success'")
        .await;
    let relay = plane.relay().await;
    let delivered = "SELECT count(*) FROM rule_webhook_events WHERE state = 'delivered'";
    plane.until(5, delivered, 3).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(plane.number(delivered).await, 3);
    other.execute("ROLLBACK").await.unwrap();
    plane.until(5, delivered, 5).await;
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.foreign_results")
            .await,
        0
    );
    assert!(relay.stop().await);
}

/// Somebody's queue rows have taken reserved call ids, and an event's id: a rollback ends all the same, and every event is delivered.
#[tokio::test]
async fn a_taken_call_id_is_replaced_and_a_look_alike_loses_its_name() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let silent = plane.webhook("ok", "queue", 0).await;
    let mut ids = plane.emit(webhook, 4).await;
    ids.push(
        sqlx::query_scalar(
            "SELECT (wavegate.publish($1, '{}', NULL, NULL, 'mine', false)).event_id",
        )
        .bind(webhook)
        .fetch_one(&mut plane.sql)
        .await
        .unwrap(),
    );
    // The first and the last one's call id; the second one's event id; and the next ids that the sequence would give.
    plane
        .run(&format!(
            "INSERT INTO rule_webhook_calls (call_id, webhook_id, status, payload)
             SELECT e.call_id, {silent}, 'success', '{{}}' FROM rule_webhook_events e WHERE e.event_id IN ('{}', '{}')",
            ids[0], ids[4]
        ))
        .await;
    plane
        .run(&format!(
            "INSERT INTO rule_webhook_calls (call_id, webhook_id, status, payload, event_id) VALUES (1000000, {silent}, 'success', '{{}}', '{}')",
            ids[1]
        ))
        .await;
    plane
        .run(&format!(
            "INSERT INTO rule_webhook_calls (call_id, webhook_id, status, payload)
             SELECT (SELECT max(call_id) FROM rule_webhook_events) + n, {silent}, 'success', '{{}}' FROM generate_series(1, 3) n"
        ))
        .await;
    let worker = plane.worker("queue").await;
    let said = plane.command(&["rollback", "--all", "--yes"]).await;
    assert_eq!(said.code, 0, "{}\n{}", said.out, said.err);
    plane.until_delivered(10).await;
    plane.assert_once(&ids);
    assert_eq!(
        plane
            .number("SELECT count(*) FROM wavegate.event_ids i JOIN rule_webhook_events e USING (event_id, call_id)")
            .await,
        1
    );
    assert!(worker.stop().await);
}

/// PostgreSQL goes away under a relay and a worker that run, and comes back: the log names the cause, not the pool, says it now and
/// then and not each second, calls nothing ready meanwhile, and all goes on by itself.
#[tokio::test]
async fn an_outage_of_postgres_is_told_by_its_cause_and_not_each_second() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "both", 50).await;
    let port: u16 = plane
        .number("SELECT current_setting('port')::bigint")
        .await
        .try_into()
        .unwrap();
    let mut link = Link::to(port).await;
    let behind = |command: &str| {
        under_role(&plane.db.url, &[command])
            .replace(&format!(":{port}"), &format!(":{}", link.port))
    };
    let (for_relay, for_worker) = (behind("relay"), behind("worker"));
    assert!(for_relay.contains(&format!(":{}", link.port)));
    let relay = plane
        .start_with(
            &["relay", "--log-format", "json"],
            &[("DATABASE_URL", &for_relay)],
        )
        .await;
    let worker = plane
        .start_with(
            &["worker", "--log-format", "json"],
            &[("DATABASE_URL", &for_worker)],
        )
        .await;
    let mut ids = plane.emit(webhook, 4).await;
    plane.until_delivered(20).await;
    let before = [
        relay.log_text().lines().count(),
        worker.log_text().lines().count(),
    ];
    link.cut().await;
    // The outage itself: many heartbeats, looks and claims long.
    tokio::time::sleep(Duration::from_secs(14)).await;
    for (process, before) in [(&relay, before[0]), (&worker, before[1])] {
        let text = process.log_text();
        let lines: Vec<Value> = text
            .lines()
            .skip(before)
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{text}"))
            })
            .collect();
        assert!(text.contains("Connection refused"), "{text}");
        assert!(!text.contains("pool timed out"), "{text}");
        let mut said = std::collections::BTreeMap::new();
        for line in &lines {
            assert_ne!(line["level"], "INFO", "{line}");
            let what = [&line["message"], &line["why"]].map(ToString::to_string);
            *said.entry(what).or_insert(0) += 1;
        }
        assert!(
            !said.is_empty() && said.values().all(|times| *times <= 3),
            "{said:?}"
        );
    }
    link.join().await;
    ids.extend(plane.emit(webhook, 4).await);
    plane.until_delivered(30).await;
    plane.assert_once(&ids);
}
