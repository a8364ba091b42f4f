//! Shadow beside somebody else's queue worker: it knows nothing of the ledger, NATS delivers only what has no queue row, and
//! each event is sent once, through hybrid mode, NATS alone and back.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::{support::Shape, support::plane::Plane};

/// What such a worker does with its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// Locks, calls and writes the result in one transaction, as the engine's examples do.
    OneTransaction,
    /// Marks its rows `processing` in a transaction of their own.
    MarksFirst,
    /// Deletes a row after it has written `success`.
    Deletes,
}

struct ForeignWorker(tokio::task::JoinHandle<()>);

impl ForeignWorker {
    async fn start(plane: &Plane, habit: Habit) -> ForeignWorker {
        let sql = plane.db.connect().await;
        ForeignWorker(tokio::spawn(work(sql, plane.shape, habit)))
    }

    /// Dies in the middle of whatever it does.
    async fn kill(mut self) {
        self.0.abort();
        let _ = (&mut self.0).await;
    }
}

impl Drop for ForeignWorker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Table and columns by their own names: it was written before us.
fn names(shape: Shape) -> (&'static str, &'static str, &'static str) {
    match shape {
        Shape::A => ("rule_webhook_calls", "call_id", "url"),
        Shape::B => ("rule_webhook_queue", "queue_id", "webhook_url"),
    }
}

async fn work(mut sql: PgConnection, shape: Shape, habit: Habit) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let (queue, key, url) = names(shape);
    let due = format!(
        "SELECT q.{key} AS id, w.{url} AS url, q.payload::text AS payload
         FROM {queue} q JOIN rule_webhooks w ON w.webhook_id = q.webhook_id
         WHERE q.status = 'pending' AND q.scheduled_at <= now()
            OR q.status = 'retrying' AND q.next_retry_at <= now()
         ORDER BY q.scheduled_at LIMIT 4 FOR UPDATE OF q SKIP LOCKED"
    );
    loop {
        let mut tx = sql.begin().await.unwrap();
        let rows = sqlx::query(AssertSqlSafe(due.clone()))
            .fetch_all(&mut *tx)
            .await
            .unwrap();
        if habit == Habit::MarksFirst {
            for row in &rows {
                let id: i32 = row.get("id");
                let mark = format!(
                    "UPDATE {queue} SET status = 'processing', started_at = now() WHERE {key} = {id}"
                );
                sqlx::query(AssertSqlSafe(mark))
                    .execute(&mut *tx)
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
            tx = sql.begin().await.unwrap();
        }
        for row in &rows {
            let id: i32 = row.get("id");
            let call = http
                .post(row.get::<String, _>("url"))
                .body(row.get::<String, _>("payload"));
            let ok = call
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success());
            let result = if ok {
                "status = 'success', completed_at = now(), response_status = 200"
            } else {
                "status = 'retrying', retry_count = retry_count + 1, next_retry_at = now() + interval '200 ms', response_status = 500"
            };
            let write = format!("UPDATE {queue} SET {result} WHERE {key} = {id}");
            sqlx::query(AssertSqlSafe(write))
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        if habit == Habit::Deletes {
            let clean = format!("DELETE FROM {queue} WHERE status = 'success'");
            sqlx::query(AssertSqlSafe(clean))
                .execute(&mut sql)
                .await
                .unwrap();
        }
        if rows.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Emits events whose payloads tell them apart: such a worker sends no webhook-id.
async fn emit(plane: &mut Plane, webhook: i32, from: i32, count: i32) {
    for n in from..from + count {
        plane
            .run(&format!(
                "SELECT rule_webhook_call_unified({webhook}, '{{\"n\": {n}}}')"
            ))
            .await;
    }
}

/// How often each payload was taken with success.
fn sent(plane: &Plane) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for call in plane.receiver.calls() {
        if call.answered.is_success() {
            let body: serde_json::Value = serde_json::from_str(&call.body).unwrap();
            *counts.entry(body["n"].as_i64().unwrap()).or_default() += 1;
        }
    }
    counts
}

fn once(plane: &Plane, count: i64) {
    let sent = sent(plane);
    let wanted: BTreeMap<i64, usize> = (0..count).map(|n| (n, 1)).collect();
    let odd: Vec<_> = wanted
        .keys()
        .filter(|n| sent.get(n) != Some(&1))
        .map(|n| (n, sent.get(n)))
        .collect();
    assert_eq!(sent, wanted, "{odd:?}\n{}", plane.log_text());
}

const BY_NATS: &str = "SELECT count(*) FROM rule_webhook_events WHERE path = 'nats'";

/// Through all modes and back, with this worker as the only one that reads the queue.
async fn whole_way(shape: Shape, habit: Habit) {
    let mut plane = Plane::new(shape).await;
    let webhook = plane.webhook("slow-3", "both", 0).await;
    let (_relay, _nats) = (plane.relay().await, plane.worker("nats").await);
    let _theirs = ForeignWorker::start(&plane, habit).await;

    // In shadow: published, seen, acknowledged, and not one delivered by NATS.
    emit(&mut plane, webhook, 0, 40).await;
    plane.until_delivered(60).await;
    plane
        .until(
            60,
            "SELECT count(*) FROM rule_webhook_events WHERE nats_seen_at IS NULL",
            0,
        )
        .await;
    plane.until_acknowledged(60).await;
    assert_eq!(plane.number(BY_NATS).await, 0, "{habit:?}");
    once(&plane, 40);

    // To NATS under traffic: they finish the queue, NATS delivers what has no queue row.
    emit(&mut plane, webhook, 40, 20).await;
    plane
        .run(&format!(
            "UPDATE rule_webhooks SET publish_mode = 'nats' WHERE webhook_id = {webhook}"
        ))
        .await;
    emit(&mut plane, webhook, 60, 30).await;
    plane.until_delivered(60).await;
    assert_eq!(plane.number(BY_NATS).await, 30, "{habit:?}");
    once(&plane, 90);

    // And back: what NATS had not delivered yet is theirs again.
    emit(&mut plane, webhook, 90, 20).await;
    let said = plane.command(&["rollback", "--all", "--yes"]).await;
    assert!(
        said.code == 0 && said.out.contains("Rolled back"),
        "{said:?}"
    );
    emit(&mut plane, webhook, 110, 10).await;
    plane.until_delivered(60).await;
    once(&plane, 120);
    let stand = "SELECT count(*) FROM rule_webhooks WHERE publish_mode = 'both' AND nats_share = 0";
    assert_eq!(plane.number(stand).await, 1);
    plane.close().await;
}

#[tokio::test]
async fn beside_a_worker_of_one_transaction_each_event_is_sent_once() {
    whole_way(Shape::A, Habit::OneTransaction).await;
}

#[tokio::test]
async fn beside_a_worker_that_marks_first_each_event_is_sent_once() {
    for shape in [Shape::A, Shape::B] {
        whole_way(shape, Habit::MarksFirst).await;
    }
}

#[tokio::test]
async fn beside_a_worker_that_deletes_what_it_has_done_each_event_is_sent_once() {
    for shape in [Shape::B, Shape::A] {
        whole_way(shape, Habit::Deletes).await;
    }
}

#[tokio::test]
async fn its_failures_and_its_deaths_are_its_own() {
    for habit in [Habit::OneTransaction, Habit::MarksFirst] {
        let mut plane = Plane::new(Shape::A).await;
        let webhook = plane.webhook("slow-20", "both", 0).await;
        let (_relay, _nats) = (plane.relay().await, plane.worker("nats").await);
        let mut deaths = 0;
        for round in 0..4 {
            let theirs = ForeignWorker::start(&plane, habit).await;
            emit(&mut plane, webhook, round * 15, 15).await;
            tokio::time::sleep(Duration::from_millis(70)).await;
            theirs.kill().await;
            deaths += 1;
            // Rows that it marked and left are nobody's but its operator's, who puts them back.
            tokio::time::sleep(Duration::from_millis(300)).await;
            plane
                .run("UPDATE rule_webhook_calls SET status = 'pending' WHERE status = 'processing' AND claimed_by IS NULL")
                .await;
        }
        let _theirs = ForeignWorker::start(&plane, habit).await;
        plane.until_delivered(60).await;
        assert_eq!(plane.number(BY_NATS).await, 0, "{habit:?}");
        let sent = sent(&plane);
        assert_eq!(sent.len(), 60);
        // Each death may double what it had in hand: four rows at most. None of it is NATS's doing.
        let doubled = sent.values().filter(|count| **count > 1).count();
        assert!(doubled <= deaths * 4, "{habit:?}: {doubled}");
        plane.close().await;
    }

    // A failed attempt of theirs leaves the event theirs.
    let mut plane = Plane::new(Shape::B).await;
    let failing = plane.webhook("fail", "both", 0).await;
    let (_relay, _nats) = (plane.relay().await, plane.worker("nats").await);
    let _theirs = ForeignWorker::start(&plane, Habit::OneTransaction).await;
    emit(&mut plane, failing, 0, 3).await;
    plane
        .until(
            60,
            "SELECT count(*) FROM rule_webhook_queue WHERE status = 'retrying' AND retry_count > 2",
            3,
        )
        .await;
    assert_eq!(
        plane
            .number("SELECT sum(attempt) FROM rule_webhook_events")
            .await,
        0
    );
    assert_eq!(plane.number(BY_NATS).await, 0);
    // They give up: so does the ledger.
    plane
        .run("UPDATE rule_webhook_queue SET status = 'failed'")
        .await;
    plane
        .until(
            60,
            "SELECT count(*) FROM rule_webhook_events WHERE state = 'dead'",
            3,
        )
        .await;
}
