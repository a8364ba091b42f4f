//! What goes by age, and what never does: no undelivered event, no ledger row before its copies.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Executor, PgConnection};
use wavegate::store::{
    outbox::Part,
    retention::{self, Copies},
    sweep,
};

use crate::{
    support::plane::{Plane, STREAM},
    support::{Schema, Shape, TestDb},
};

async fn run(c: &mut PgConnection, sql: &str) {
    c.execute(sqlx::AssertSqlSafe(sql.to_string()))
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn text(c: &mut PgConnection, sql: &str) -> String {
    sqlx::query_scalar::<_, Option<String>>(sqlx::AssertSqlSafe(sql.to_string()))
        .fetch_one(c)
        .await
        .unwrap()
        .unwrap_or_default()
}

/// A stream that holds 100 and later, acknowledged up to 150, made ten days ago, keeping seven days.
fn copies(now: DateTime<Utc>) -> Copies {
    Copies {
        first_seq: 100,
        ack_floor: 150,
        created: now - TimeDelta::days(10),
        aged_out: Some(now - TimeDelta::days(7)),
    }
}

#[tokio::test]
async fn a_ledger_row_outlives_every_copy_of_its_event() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let old = "delivered_at = now() - interval '2 days', state = 'delivered'";
    let given_up = "discarded_at = now() - interval '2 days', state = 'dead'";
    // Name, whether it goes, and what makes it so.
    let cases = [
        ("acked", true, format!("{old}, stream_seq = 150")),
        ("in_stream", false, format!("{old}, stream_seq = 151")),
        (
            "dropped",
            true,
            format!("{old}, stream_seq = 99, published_at = now() - interval '3 days'"),
        ),
        (
            "aged",
            true,
            format!("{old}, stream_seq = 400, published_at = now() - interval '8 days'"),
        ),
        (
            "other_stream",
            true,
            format!("{old}, stream_seq = 400, published_at = now() - interval '11 days'"),
        ),
        (
            "closed_under_a_fence",
            true,
            format!("{old}, published_at = NULL, void_reason = 'fenced'"),
        ),
        ("unpublished", false, format!("{old}, published_at = NULL")),
        ("with_payload", false, format!("{old}, stream_seq = 150")),
        ("queue_row_waits", false, format!("{old}, stream_seq = 150")),
        ("queue_row_done", true, format!("{old}, stream_seq = 150")),
        ("result_waits", false, format!("{old}, stream_seq = 150")),
        (
            "young",
            false,
            "delivered_at = now(), state = 'delivered', stream_seq = 150".to_string(),
        ),
        (
            "dead",
            false,
            "state = 'dead', stream_seq = 150".to_string(),
        ),
        ("discarded", true, format!("{given_up}, stream_seq = 150")),
        (
            "discarded_unpublished",
            true,
            format!("{given_up}, published_at = NULL, void_reason = 'discarded'"),
        ),
        (
            "discarded_in_stream",
            false,
            format!("{given_up}, stream_seq = 151"),
        ),
        (
            "discarded_young",
            false,
            "discarded_at = now(), state = 'dead', stream_seq = 150".to_string(),
        ),
        (
            "open",
            false,
            "state = 'open', stream_seq = 150".to_string(),
        ),
        (
            "retrying",
            false,
            "state = 'retrying', stream_seq = 150".to_string(),
        ),
        (
            "claimed",
            false,
            "state = 'claimed', stream_seq = 150".to_string(),
        ),
    ];
    for (n, (name, _, set)) in cases.iter().enumerate() {
        run(
            &mut c,
            &format!(
                "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, due_at, created_at,
                                                  published_at, publish_count)
                 VALUES ('{name}', 7, 0, {n} + 1, true, false, 'nats', now(), now() - interval '20 days', now() - interval '2 days', 1);
                 UPDATE rule_webhook_events SET {set} WHERE event_id = '{name}'"
            ),
        )
        .await;
    }
    let column = "url";
    run(
        &mut c,
        &format!(
            "INSERT INTO rule_webhooks (webhook_id, webhook_name, {column}) VALUES (7, 'w', 'http://127.0.0.1:9/');
             INSERT INTO rule_nats_outbox (event_id, webhook_id, subject, payload) VALUES ('with_payload', 7, 's', '1');
             INSERT INTO wavegate.queue (call_id, webhook_id, status, payload)
             SELECT call_id, 7, CASE event_id WHEN 'queue_row_waits' THEN 'retrying' ELSE 'success' END, '1'
             FROM rule_webhook_events WHERE event_id LIKE 'queue_row_%';
             INSERT INTO wavegate.foreign_results (event_id, status) VALUES ('result_waits', 'failed')"
        ),
    )
    .await;
    let db = test.db().await;
    let part = Part {
        config_id: 1,
        unnamed: true,
        partitions: (0..8).collect(),
        only_due: false,
    };
    assert_eq!(retention::webhooks(&db, &part).await.unwrap(), [7]);
    let now = Utc::now();
    let swept = retention::ledger(&db, 7, now - TimeDelta::days(1), None, copies(now))
        .await
        .unwrap();
    let stay: Vec<&str> = cases.iter().filter(|c| !c.1).map(|c| c.0).collect();
    let left = text(
        &mut c,
        "SELECT string_agg(event_id, ' ' ORDER BY call_id) FROM rule_webhook_events",
    )
    .await;
    assert_eq!(left, stay.join(" "));
    assert_eq!((swept.looked, swept.gone), (20, 8));
    // Repeated it finds nothing more; and nothing at all where nothing is old enough.
    let again = retention::ledger(&db, 7, now - TimeDelta::days(1), None, copies(now)).await;
    assert_eq!(again.unwrap().gone, 0);
    let none = retention::ledger(&db, 7, now - TimeDelta::days(30), None, copies(now)).await;
    assert_eq!(none.unwrap().looked, 0);
}

#[tokio::test]
async fn history_ids_and_notes_go_by_age() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let url = if shape == Shape::A {
            "url"
        } else {
            "webhook_url"
        };
        run(
            &mut c,
            &format!(
                "INSERT INTO rule_webhooks (webhook_id, webhook_name, {url}, publish_mode, nats_enabled) VALUES (1, 'w', 'http://127.0.0.1:9/', 'nats', true);
                 INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, success, published_at)
                 SELECT 1, 's', '1', true, now() - n * interval '1 day' FROM generate_series(1, 60) n;
                 INSERT INTO wavegate.event_ids (event_id, call_id, created_at)
                 SELECT '1:' || n, 1000 + n, now() - n * interval '1 day' FROM generate_series(1, 60) n;
                 INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, due_at)
                 VALUES ('1:50', 1, 0, 1050, false, false, 'nats', now());
                 INSERT INTO wavegate.queue (call_id, webhook_id, status, payload, event_id) VALUES (1051, 1, 'success', '1', '1:51');
                 INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, at)
                 SELECT '1:' || n, 1000 + n, 1, 1, 'nats', now() - n * interval '1 day' FROM generate_series(1, 60) n;
                 INSERT INTO wavegate.relay (relay_id, host, pid, started_at, seen_at) VALUES ('old', 'h', 1, now(), now() - interval '9 days'), ('new', 'h', 1, now(), now());
                 INSERT INTO wavegate.worker (worker_id, path, host, pid, started_at, seen_at) VALUES ('old', 'nats', 'h', 1, now(), now() - interval '9 days'), ('new', 'nats', 'h', 1, now(), now());
                 INSERT INTO rule_nats_consumer_stats (stream_name, consumer_name) VALUES ('S', 'old'), ('S', 'new'), ('S', 'theirs');
                 INSERT INTO wavegate.path_activity VALUES (1, 'nats', now()), (2, 'nats', now());
                 INSERT INTO rule_nats_fences (webhook_id) VALUES (1), (2)"
            ),
        )
        .await;
        let db = test.db().await;
        let until = Utc::now() - TimeDelta::days(30) - TimeDelta::minutes(5);
        let swept = retention::history(&db, until, None).await.unwrap();
        assert_eq!((swept.looked, swept.gone), (30, 30));
        // The two that still have a row somewhere stay, or a caller who repeats them would be refused.
        let swept = retention::event_ids(&db, until, None).await.unwrap();
        assert_eq!((swept.looked, swept.gone), (30, 28));
        let call = "SELECT (wavegate.publish(1, '1', NULL, NULL, '60', false)).duplicate::text";
        assert_eq!(text(&mut c, call).await, "false", "free again");
        let (up_to, gone) = retention::attempts(&db, until, 0).await.unwrap();
        assert_eq!((up_to, gone), (Some(60), 28), "50 and 60 are in the ledger");
        assert_eq!(
            retention::attempts(&db, until, 60).await.unwrap(),
            (None, 0)
        );
        retention::small(&db, Utc::now() - TimeDelta::days(7))
            .await
            .unwrap();
        let left = "SELECT concat_ws(' | ', (SELECT string_agg(relay_id, ',') FROM wavegate.relay), (SELECT string_agg(worker_id, ',') FROM wavegate.worker),
                           (SELECT string_agg(consumer_name, ',' ORDER BY 1) FROM rule_nats_consumer_stats),
                           (SELECT string_agg(webhook_id::text, ',') FROM wavegate.path_activity), (SELECT string_agg(webhook_id::text, ',') FROM rule_nats_fences))";
        assert_eq!(text(&mut c, left).await, "new | new | new,theirs | 1 | 1");
    }
}

const KEEP_NOTHING: [&str; 7] = [
    "relay",
    "--republish-after",
    "1",
    "--keep-ledger",
    "1ms",
    "--keep-history",
    "1ms",
];

/// Three batches of everything; first a whole batch of one instant that has to stay.
#[tokio::test]
async fn batch_after_batch_everything_old_goes() {
    let mut plane = Plane::new(Shape::B).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    for sql in [
        "INSERT INTO rule_webhook_events (event_id, webhook_id, epoch, call_id, two_route, has_queue_row, prefers, due_at, created_at,
                                          published_at, publish_count, state, delivered_at, discarded_at)
         SELECT kind || n, $1, 0, 10000 + row_number() OVER (), false, false, 'nats', now(), born, born, 1,
                CASE kind WHEN 'gone' THEN 'delivered' ELSE 'dead' END,
                CASE kind WHEN 'gone' THEN born END, CASE kind WHEN 'discarded' THEN born END
         FROM (SELECT 'dead' AS kind, n, now() - interval '90 days' AS born FROM generate_series(1, 1100) n
               UNION ALL
               SELECT CASE WHEN n % 10 = 0 THEN 'discarded' ELSE 'gone' END, n, now() - interval '80 days' + n * interval '1 s' FROM generate_series(1, 2500) n) x",
        "INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, success, published_at)
         SELECT $1, 's', '1', true, now() - interval '80 days' + n * interval '1 s' FROM generate_series(1, 2500) n",
        "INSERT INTO wavegate.event_ids (event_id, call_id, created_at)
         SELECT 'gone' || n, $1 + 10000 + n, now() - interval '80 days' + n * interval '1 s' FROM generate_series(1, 2500) n",
        "INSERT INTO wavegate.ambiguous_attempt (event_id, call_id, webhook_id, attempt, path, at)
         SELECT 'gone' || n, 10000 + n, $1, 1, 'nats', now() - interval '80 days' + n * interval '1 s' FROM generate_series(1, 2500) n",
    ] {
        sqlx::query(sql)
            .bind(webhook)
            .execute(&mut plane.sql)
            .await
            .unwrap();
    }
    let relay = plane.relay().await;
    let left = "SELECT (SELECT count(*) FROM rule_nats_publish_history) + (SELECT count(*) FROM wavegate.event_ids)
                     + (SELECT count(*) FROM wavegate.ambiguous_attempt) + (SELECT count(*) FROM rule_webhook_events WHERE event_id !~ '^dead')";
    plane.until(60, left, 0).await;
    let stayed = "SELECT count(*) FROM rule_webhook_events";
    assert_eq!(plane.number(stayed).await, 1100);
    assert!(relay.stop().await);
}

#[tokio::test]
async fn a_copy_that_comes_after_its_ledger_row_went_is_not_delivered_again() {
    let mut plane = Plane::new(Shape::A).await;
    let webhook = plane.webhook("ok", "nats", 0).await;
    let worker = plane.worker("nats").await;
    let relay = plane.relay().await;
    let ids = plane.emit(webhook, 20).await;
    plane.until_delivered(60).await;
    plane.until_acknowledged(60).await;
    assert!(relay.stop().await);
    // Deleted afterwards, it takes its history along; the ledger has no key onto it.
    plane
        .run(&format!(
            "DELETE FROM rule_webhooks WHERE webhook_id = {webhook}"
        ))
        .await;
    let relay = plane.start(&KEEP_NOTHING).await;
    plane
        .until(60, "SELECT count(*) FROM rule_webhook_events", 0)
        .await;
    // Every copy once more, as a backup of the stream that was put back would bring them.
    let bus = plane.bus().await;
    for id in &ids {
        let mut headers = async_nats::HeaderMap::new();
        headers.insert("Wavegate-Event-Id", id.as_str());
        headers.insert("Wavegate-Webhook-Id", webhook.to_string().as_str());
        headers.insert("Wavegate-Publish-Count", "1");
        bus.jetstream()
            .publish_with_headers(format!("webhooks.{webhook}"), headers, "{}".into())
            .await
            .unwrap()
            .await
            .unwrap();
    }
    plane.until_acknowledged(60).await;
    plane.assert_once(&ids);
    assert!(relay.stop().await && worker.stop().await);
}

#[tokio::test]
async fn nothing_undelivered_goes_whoever_cleans_up() {
    let mut plane = Plane::new(Shape::A).await;
    let alone = plane.webhook("ok", "nats", 0).await;
    let hybrid = plane.webhook("ok", "both", 0).await;
    let mut ids = plane.emit(alone, 10).await;
    ids.extend(plane.emit(hybrid, 10).await);
    plane
        .run("UPDATE rule_webhook_events SET created_at = now() - interval '1 year'")
        .await;
    let relay = plane.start(&KEEP_NOTHING).await;
    let published = "SELECT count(*) FROM rule_webhook_events WHERE published_at IS NULL";
    plane.until(60, published, 0).await;
    plane
        .run("SELECT rule_webhook_cleanup_old_calls(interval '0 s', false)")
        .await;
    plane
        .run("SELECT rule_nats_cleanup_old_history(interval '0 s', false)")
        .await;
    plane
        .run("UPDATE rule_nats_publish_history SET expires_at = now() - interval '1 s'")
        .await;
    plane.run("SELECT rule_nats_cleanup_expired()").await;
    for webhook in [alone, hybrid] {
        let delete = format!("DELETE FROM rule_webhooks WHERE webhook_id = {webhook}");
        let refused = sqlx::query(sqlx::AssertSqlSafe(delete))
            .execute(&mut plane.sql)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("undelivered"), "{refused}");
    }
    // A pass of its own over it all.
    assert!(relay.stop().await);
    let relay = plane.start(&KEEP_NOTHING).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(
        plane
            .number("SELECT count(*) FROM rule_webhook_events")
            .await,
        20
    );
    let worker = plane.worker("nats").await;
    plane.until_delivered(60).await;
    plane.assert_once(&ids);
    assert!(relay.stop().await && worker.stop().await);
}

#[tokio::test]
async fn while_a_fence_stands_the_outbox_stays_small() {
    let mut plane = Plane::new(Shape::B).await;
    let webhook = plane.webhook("ok", "both", 50).await;
    plane
        .run(&format!(
            "INSERT INTO rule_nats_fences (webhook_id) VALUES ({webhook})"
        ))
        .await;
    let relay = plane.relay().await;
    let queue = plane.worker("queue").await;
    let ids = plane.emit(webhook, 40).await;
    plane.until_delivered(60).await;
    plane
        .until(60, "SELECT count(*) FROM rule_nats_outbox", 0)
        .await;
    plane
        .until(
            60,
            "SELECT count(*) FROM rule_webhook_events WHERE void_reason = 'fenced'",
            40,
        )
        .await;
    // They are nobody's to miss, and nothing of them is published once the fence is gone.
    let missing = include_str!("../../../sql/gates/missing.sql");
    let missed: Vec<(String, i32, String, i64)> = sqlx::query_as(missing)
        .bind(0_i64)
        .bind(vec![webhook])
        .bind(Utc::now() - TimeDelta::hours(1))
        .bind(0_i64)
        .bind(Utc::now() + TimeDelta::hours(1))
        .bind(10_i64)
        .bind(Utc::now())
        .fetch_all(&mut plane.sql)
        .await
        .unwrap();
    assert_eq!(missed, []);
    plane.run("DELETE FROM rule_nats_fences").await;
    let nats = plane.worker("nats").await;
    let more = plane.emit(webhook, 10).await;
    plane.until_delivered(60).await;
    let seen = "SELECT count(*) FROM rule_webhook_events WHERE nats_seen_at IS NOT NULL";
    plane.until(60, seen, 10).await;
    let bus = plane.bus().await;
    let live = wavegate::bus::live_stream(&bus, STREAM)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(live.messages, 10);
    plane.assert_once(&[ids, more].concat());
    assert!(relay.stop().await && queue.stop().await && nats.stop().await);
    let test = &plane.db;
    sweep::leftovers(&test.db().await, true).await.unwrap();
}
