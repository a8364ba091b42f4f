//! The relay when the stream refuses, when NATS is away for long, and when transactions elsewhere stay open.

use std::time::{Duration, Instant};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection, Row};

use crate::{
    support::Shape,
    support::plane::{Plane, STREAM},
};

const PUBLISHED: &str = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NOT NULL";
const VOID: &str = "SELECT count(*) FROM rule_webhook_events WHERE void_reason IS NOT NULL";
/// Events that stand in the stream before one that was written earlier for the same webhook.
const OUT_OF_ORDER: &str = "SELECT count(*) FROM (
        SELECT stream_seq, lag(stream_seq) OVER (PARTITION BY webhook_id ORDER BY seq) AS before FROM rule_webhook_events
    ) AS e WHERE stream_seq < before";

async fn change_stream(
    plane: &Plane,
    change: impl FnOnce(&mut async_nats::jetstream::stream::Config),
) {
    let bus = plane.bus().await;
    let mut stream = bus.jetstream().get_stream(STREAM).await.unwrap();
    let mut config = stream.info().await.unwrap().config.clone();
    change(&mut config);
    bus.jetstream().update_stream(config).await.unwrap();
}

async fn in_stream(plane: &Plane) -> u64 {
    let bus = plane.bus().await;
    let live = wavegate::bus::live_stream(&bus, STREAM).await.unwrap();
    live.unwrap().messages
}

/// Many events in one transaction.
async fn emit_at_once(plane: &mut Plane, webhook: i32, count: i64) {
    let sql = format!(
        "SELECT count(rule_webhook_call_unified({webhook}, jsonb_build_object('n', n))) FROM generate_series(1, {count}) AS n"
    );
    assert_eq!(plane.number(&sql).await, count);
}

#[tokio::test]
async fn a_full_stream_stops_the_relay_until_there_is_room_and_loses_no_route() {
    for bytes in [false, true] {
        let mut plane = Plane::new(Shape::A).await;
        let webhook = plane.webhook("ok", "nats", 0).await;
        change_stream(&plane, |config| {
            if bytes {
                config.max_bytes = 8_000;
            } else {
                config.max_messages = 10;
            }
        })
        .await;
        let _relay = plane.relay().await;
        emit_at_once(&mut plane, webhook, 100).await;
        let behind = "SELECT count(*) FROM wavegate.relay WHERE lag_ms > 1500 AND last_error LIKE '%maximum%'";
        plane.until(60, behind, 1).await;
        let stopped_at = plane.number(PUBLISHED).await;
        assert!(stopped_at > 0 && stopped_at < 100, "{stopped_at}");
        change_stream(&plane, |config| {
            config.max_bytes = -1;
            config.max_messages = -1;
        })
        .await;
        plane.until(60, PUBLISHED, 100).await;
        assert_eq!(plane.number(VOID).await, 0);
        assert_eq!(plane.number(OUT_OF_ORDER).await, 0);
        assert_eq!(in_stream(&plane).await, 100);
        plane
            .until(60, "SELECT max(lag_ms) FROM wavegate.relay", 0)
            .await;
    }
}

#[tokio::test]
async fn a_webhook_whose_subject_no_stream_takes_holds_up_nobody() {
    let mut plane = Plane::new(Shape::A).await;
    let mut webhooks = Vec::new();
    for _ in 0..9 {
        webhooks.push(plane.webhook("ok", "nats", 0).await);
    }
    // The first and the last share a partition.
    let (stuck, other) = (webhooks[0], webhooks[8]);
    assert_eq!(stuck % 8, other % 8);
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET nats_subject = 'elsewhere.x' WHERE webhook_id = {stuck}"
        ))
        .await;
    let _relay = plane.relay().await;
    plane.emit(stuck, 5).await;
    plane.emit(other, 30).await;
    plane.until(60, PUBLISHED, 30).await;
    plane.emit(other, 30).await;
    plane.until(60, PUBLISHED, 60).await;
    let waiting = format!(
        "SELECT count(*) FROM rule_webhook_events WHERE webhook_id = {stuck} AND published_at IS NULL AND void_reason IS NULL"
    );
    assert_eq!(plane.number(&waiting).await, 5);
    change_stream(&plane, |config| config.subjects.push("elsewhere.x".into())).await;
    plane.until(60, PUBLISHED, 65).await;
    assert_eq!(plane.number(OUT_OF_ORDER).await, 0);
    // Only the first of them was tried again and again.
    let tried =
        "SELECT count(DISTINCT message_id) FROM rule_nats_publish_history WHERE NOT success";
    assert!(plane.number(tried).await <= 5);
}

#[tokio::test]
async fn while_nats_hangs_or_is_away_the_heart_beats_and_then_everything_goes_out_once() {
    let mut plane = Plane::new(Shape::A).await;
    let webhooks = [
        plane.webhook("ok", "nats", 0).await,
        plane.webhook("ok", "nats", 0).await,
    ];
    let _relay = plane.relay().await;
    plane.emit(webhooks[0], 5).await;
    plane.until(60, PUBLISHED, 5).await;
    // It takes connections and answers nothing; then it is gone.
    let pid = Pid::from_raw(plane.nats.pid().unwrap().cast_signed());
    kill(pid, Signal::SIGSTOP).unwrap();
    for webhook in webhooks {
        emit_at_once(&mut plane, webhook, 2000).await;
    }
    let begin = Instant::now();
    let mut beats = std::collections::BTreeSet::new();
    while begin.elapsed() < Duration::from_secs(14) {
        let beat = "SELECT (extract(epoch FROM seen_at) * 1000)::bigint FROM wavegate.relay";
        beats.insert(plane.number(beat).await);
        if begin.elapsed() > Duration::from_secs(8) {
            plane.nats.kill();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(beats.len() >= 8, "{beats:?}\n{}", plane.log_text());
    let lag = "SELECT (max(lag_ms) > 5000)::int::bigint FROM wavegate.relay";
    assert_eq!(plane.number(lag).await, 1);
    plane.nats.resume().unwrap();
    plane.until(90, PUBLISHED, 4005).await;
    assert_eq!(plane.number(VOID).await, 0);
    let again = "SELECT count(*) FROM rule_webhook_events WHERE publish_count > 1";
    assert_eq!(plane.number(again).await, 0);
    // What was on its way when the server froze was sent a second time, under the same message id.
    assert_eq!(in_stream(&plane).await, 4005);
}

#[tokio::test]
async fn a_transaction_that_commits_late_is_published_and_an_old_snapshot_makes_no_poll_dearer() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let mut late = plane.db.connect().await;
    let mut old = plane.db.connect().await;
    sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1")
        .execute(&mut old)
        .await
        .unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut late).await.unwrap();
    sqlx::query("SELECT rule_webhook_call_unified($1, '{}')")
        .bind(webhook)
        .execute(&mut late)
        .await
        .unwrap();
    let relay = plane.relay().await;
    emit_at_once(&mut plane, webhook, 5000).await;
    plane.until(60, PUBLISHED, 5000).await;
    sqlx::raw_sql("COMMIT").execute(&mut late).await.unwrap();
    plane.until(60, PUBLISHED, 5001).await;
    assert!(relay.stop().await);

    // Five thousand dead entries, which nobody may remove while the snapshot is there.
    let newest = plane
        .number("SELECT max(seq) FROM rule_webhook_events")
        .await;
    let from_the_cursor = buffers(&mut plane, webhook, newest).await;
    let from_the_start = buffers(&mut plane, webhook, 0).await;
    assert!(
        from_the_cursor <= 40 && from_the_start > from_the_cursor * 10,
        "{from_the_cursor} pages from the cursor, {from_the_start} from the start"
    );
    sqlx::raw_sql("ROLLBACK").execute(&mut old).await.unwrap();
    old.close().await.unwrap();
}

/// Pages that one poll touches.
async fn buffers(plane: &mut Plane, webhook: i32, after: i64) -> i64 {
    let poll = include_str!("../../../sql/relay/unpublished.sql");
    let partition = webhook % 8;
    let sql = format!(
        "DEALLOCATE ALL; PREPARE poll (integer[], bigint[], bigint, integer, boolean, integer[], boolean, bigint) AS {poll};
         EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE poll ('{{{partition}}}', '{{{after}}}', 512, 1, true, '{{}}', false, 4194304)"
    );
    let mut connection = plane.db.connect().await;
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let plan: serde_json::Value = rows[0].get(0);
    let root = &plan[0]["Plan"];
    root["Shared Hit Blocks"].as_i64().unwrap() + root["Shared Read Blocks"].as_i64().unwrap()
}

#[tokio::test]
async fn event_ids_come_in_the_order_of_time() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let ids = plane.emit(webhook, 50).await;
    assert!(ids.is_sorted(), "{ids:?}");
    assert!(
        ids.iter()
            .all(|id| id.len() == 36 && &id[14..15] == "7" && "89ab".contains(&id[19..20]))
    );
    let milliseconds = i64::from_str_radix(&ids[0].replace('-', "")[..12], 16).unwrap();
    let age = chrono::Utc::now().timestamp_millis() - milliseconds;
    assert!((-60_000..600_000).contains(&age), "{age}");
}
