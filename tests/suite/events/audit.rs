//! `wavegate audit`: every place is counted once, the sum adds up, and each way of being nowhere is found.

use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use crate::{
    support::terminal::{run, wavegate},
    support::{Schema, Shape, TestDb},
};

pub async fn webhook(c: &mut PgConnection, shape: Shape, mode: &str) -> i32 {
    let url = if shape == Shape::A {
        "url"
    } else {
        "webhook_url"
    };
    let sql = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled)
         VALUES ('{mode}' || nextval('wavegate.event_number'), 'http://127.0.0.1:9/', '{mode}', '{mode}' <> 'queue') RETURNING webhook_id"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(c)
        .await
        .unwrap()
}

pub async fn emit(c: &mut PgConnection, webhook: i32) -> String {
    sqlx::query_scalar("SELECT rule_webhook_call_unified($1, '{\"a\": 1}') ->> 'event_id'")
        .bind(webhook)
        .fetch_one(c)
        .await
        .unwrap()
}

/// Exit code and data of `audit -o json`.
fn audit(test: &TestDb, args: &[&str]) -> (i32, Value) {
    let mut command = wavegate(["audit", "-o", "json"]);
    let said = run(command.args(args).env("DATABASE_URL", &test.url));
    let json: Value = serde_json::from_str(said.out.lines().next().unwrap_or_default())
        .unwrap_or_else(|error| panic!("{error}: {said:?}"));
    assert_eq!(json["kind"], "audit", "{said:?}");
    (said.code, json["data"].clone())
}

const PLACES: &str =
    "delivered dead discarded queue outbox stream in_flight parked ambiguous nowhere";

/// The places that are not empty, as "queue 2, dead 1".
fn places(data: &Value) -> String {
    let sum: i64 = PLACES
        .split(' ')
        .map(|place| data[place].as_i64().unwrap())
        .sum();
    assert_eq!(sum, data["committed"], "{data}");
    let full: Vec<String> = PLACES
        .split(' ')
        .filter(|place| data[place] != 0)
        .map(|place| format!("{place} {}", data[place]))
        .collect();
    full.join(", ")
}

/// A way of being nowhere: the mode, what happened to the event (`$1`), and a word of the reason.
struct Fault {
    mode: &'static str,
    planted: &'static str,
    why: &'static str,
}

const FAULTS: [Fault; 15] = [
    Fault {
        mode: "nats",
        planted: "DELETE FROM rule_nats_outbox WHERE event_id = $1",
        why: "neither in the outbox nor in the queue",
    },
    Fault {
        // Held by a worker: but if that one dies, nobody has the payload.
        mode: "nats",
        planted: "WITH gone AS (DELETE FROM rule_nats_outbox WHERE event_id = $1)
            UPDATE rule_webhook_events SET state = 'claimed', lease_until = now() + interval '1 h' WHERE event_id = $1",
        why: "neither in the outbox nor in the queue",
    },
    Fault {
        mode: "nats",
        planted: "UPDATE rule_webhook_events SET has_queue_row = true WHERE event_id = $1",
        why: "has_queue_row is true",
    },
    Fault {
        mode: "nats",
        planted: "UPDATE rule_webhook_events SET state = 'claimed', claimed_by = 'w' WHERE event_id = $1",
        why: "claimed without an end",
    },
    Fault {
        mode: "nats",
        planted: "DELETE FROM rule_webhook_events WHERE event_id = $1",
        why: "its payload is in the outbox",
    },
    Fault {
        // The row goes, and nobody noted it.
        mode: "both",
        planted: "WITH gone AS (DELETE FROM wavegate.queue WHERE event_id = $1)
            UPDATE rule_webhook_events SET has_queue_row = has_queue_row WHERE event_id = $1",
        why: "has_queue_row is true",
    },
    Fault {
        mode: "both",
        planted: "UPDATE wavegate.queue SET status = 'failed' WHERE event_id = $1",
        why: "its queue row is failed",
    },
    Fault {
        mode: "both",
        planted: "UPDATE wavegate.queue SET status = 'success' WHERE event_id = $1",
        why: "its queue row is success",
    },
    Fault {
        mode: "both",
        planted: "UPDATE wavegate.queue SET scheduled_at = NULL WHERE event_id = $1",
        why: "its queue row is pending",
    },
    Fault {
        mode: "both",
        planted: "DELETE FROM rule_webhook_events WHERE event_id = $1",
        why: "the ledger does not know it",
    },
    Fault {
        mode: "queue",
        planted: "UPDATE wavegate.queue SET status = NULL WHERE event_id = $1",
        why: "no status",
    },
    Fault {
        mode: "queue",
        planted: "UPDATE wavegate.queue SET scheduled_at = NULL WHERE event_id = $1",
        why: "no due time",
    },
    Fault {
        mode: "queue",
        planted: "UPDATE wavegate.queue SET status = 'processing', claimed_by = 'w', lease_until = NULL WHERE event_id = $1",
        why: "claimed without an end",
    },
    Fault {
        mode: "queue",
        planted: "UPDATE wavegate.queue SET two_route = true WHERE event_id = $1",
        why: "the ledger does not know it",
    },
    Fault {
        mode: "queue",
        planted: "DELETE FROM wavegate.queue WHERE event_id = $1",
        why: "a caller reserved its id",
    },
];

#[tokio::test]
async fn every_way_of_being_nowhere_is_found() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        // What goes wrong leaves no note.
        for trigger in ["update", "delete"] {
            let silent = format!(
                "ALTER TABLE {} DISABLE TRIGGER wavegate_foreign_{trigger}",
                if shape == Shape::A {
                    "rule_webhook_calls"
                } else {
                    "rule_webhook_queue"
                }
            );
            c.execute(sqlx::AssertSqlSafe(silent)).await.unwrap();
        }
        for (number, fault) in FAULTS.iter().enumerate() {
            let webhook = webhook(&mut c, shape, fault.mode).await;
            let sound = emit(&mut c, webhook).await;
            let id = if fault.why.contains("reserved") {
                reserve(&mut c, webhook).await
            } else {
                emit(&mut c, webhook).await
            };
            assert_ne!(sound, id);
            let scope = webhook.to_string();
            let before = audit(&test, &["--webhook", &scope]);
            assert_eq!(
                (before.0, &before.1["committed"]),
                (0, &Value::from(2)),
                "{number}"
            );
            sqlx::query(fault.planted)
                .bind(&id)
                .execute(&mut c)
                .await
                .unwrap();
            let (code, data) = audit(&test, &["--webhook", &scope]);
            assert_eq!(code, 3, "{shape:?} {number}: {data}");
            assert!(
                places(&data).ends_with("nowhere 1"),
                "{shape:?} {number}: {data}"
            );
            assert_eq!(data["committed"], 2, "{shape:?} {number}: {data}");
            assert_eq!(
                data["events"][0]["event_id"], id,
                "{shape:?} {number}: {data}"
            );
            assert_eq!(data["events"][0]["webhook_id"], webhook);
            let why = data["events"][0]["why"].as_str().unwrap();
            assert!(why.contains(fault.why), "{shape:?} {number}: {why}");
        }
        // All at once, and the screen says so first.
        let (code, data) = audit(&test, &["--all"]);
        assert_eq!((code, &data["nowhere"]), (3, &Value::from(FAULTS.len())));
        let said = run(wavegate(["audit"]).env("DATABASE_URL", &test.url));
        assert!(
            said.out
                .starts_with("15 of 30 events ARE NOWHERE: no path will deliver them."),
            "{}",
            said.out
        );
        assert!(said.err.contains("15 events are nowhere"), "{}", said.err);
    }
}

/// A call of mode queue under an id of the caller's own.
async fn reserve(c: &mut PgConnection, webhook: i32) -> String {
    sqlx::query_scalar("SELECT rule_webhook_publish_nats($1, '{}', 'mine') ->> 'event_id'")
        .bind(webhook)
        .fetch_one(c)
        .await
        .unwrap()
}

#[tokio::test]
async fn every_place_is_counted_once() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        assert_eq!(audit(&test, &[]).1["committed"], 0);
        let hooks = [
            webhook(&mut c, shape, "queue").await,
            webhook(&mut c, shape, "both").await,
            webhook(&mut c, shape, "nats").await,
        ];
        let asleep = webhook(&mut c, shape, "nats").await;
        let mut ids = Vec::new();
        for hook in hooks {
            for _ in 0..6 {
                ids.push(emit(&mut c, hook).await);
            }
        }
        emit(&mut c, asleep).await;
        reserve(&mut c, hooks[0]).await;
        assert_eq!(places(&audit(&test, &[]).1), "queue 13, outbox 7");
        let [queue, both, nats] = [&ids[..6], &ids[6..12], &ids[12..]];
        let live = "now() + interval '1 h'";
        let over = "now() - interval '1 s'";
        for sql in [
            "UPDATE rule_webhooks SET enabled = false WHERE webhook_id = (SELECT max(webhook_id) FROM rule_webhooks)".to_string(),
            format!("UPDATE wavegate.queue SET status = 'success' WHERE event_id = '{}'", queue[0]),
            format!("UPDATE wavegate.queue SET status = 'failed' WHERE event_id = '{}'", queue[1]),
            format!("UPDATE wavegate.queue SET status = 'processing', started_at = now(), claimed_by = 'w', lease_until = {live} WHERE event_id = '{}'", queue[2]),
            format!("UPDATE wavegate.queue SET status = 'processing', started_at = now() - interval '1 min', claimed_by = 'w', lease_until = {over} WHERE event_id = '{}'", queue[3]),
            // Somebody else's worker: believed for a while, then it is the queue's again.
            format!("UPDATE wavegate.queue SET status = 'processing', started_at = now() WHERE event_id = '{}'", queue[4]),
            format!("UPDATE wavegate.queue SET status = 'processing', started_at = now() - interval '1 day' WHERE event_id = '{}'", queue[5]),
            format!("UPDATE rule_webhook_events SET state = 'delivered' WHERE event_id IN ('{}', '{}')", both[0], nats[0]),
            format!("UPDATE rule_webhook_events SET state = 'dead' WHERE event_id IN ('{}', '{}')", both[1], nats[1]),
            format!("UPDATE rule_webhook_events SET state = 'claimed', claimed_by = 'w', lease_until = {live} WHERE event_id IN ('{}', '{}')", both[2], nats[2]),
            format!("UPDATE rule_webhook_events SET state = 'claimed', claimed_by = 'w', lease_until = {over} WHERE event_id IN ('{}', '{}')", both[3], nats[3]),
            format!("UPDATE rule_webhook_events SET published_at = now() WHERE event_id IN ('{}', '{}')", both[4], nats[4]),
            format!("UPDATE rule_webhook_events SET published_at = now(), void_reason = 'too large' WHERE event_id = '{}'", nats[5]),
            format!("UPDATE rule_webhook_events SET state = 'dead', discarded_at = now() WHERE event_id = '{}'", nats[1]),
        ] {
            let rows = c.execute(AssertSqlSafe(sql.clone())).await.unwrap();
            assert!(rows.rows_affected() > 0, "{sql}");
        }
        let of = |hook: i32| places(&audit(&test, &["--webhook", &hook.to_string()]).1);
        // The last is the one under a caller's id.
        assert_eq!(
            of(hooks[0]),
            "delivered 1, dead 1, queue 2, in_flight 2, ambiguous 1"
        );
        assert_eq!(
            of(hooks[1]),
            "delivered 1, dead 1, queue 2, in_flight 1, ambiguous 1"
        );
        assert_eq!(
            of(hooks[2]),
            "delivered 1, discarded 1, outbox 1, stream 1, in_flight 1, ambiguous 1"
        );
        assert_eq!(of(asleep), "parked 1");
        let (code, all) = audit(&test, &["--all"]);
        assert_eq!(
            (code, places(&all).as_str()),
            (
                0,
                "delivered 3, dead 2, discarded 1, queue 4, outbox 1, stream 1, in_flight 4, parked 1, ambiguous 3"
            )
        );
        // The span is of the commit.
        assert_eq!(audit(&test, &["--until", "1h"]).1["committed"], 0);
        assert_eq!(audit(&test, &["--since", "1h"]).1["committed"], 20);
    }
}

/// What other people did, and the relay has not taken over yet.
#[tokio::test]
async fn what_somebody_else_did_counts_before_the_relay_has_seen_it() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let hook = webhook(&mut c, Shape::A, "both").await;
    for status in ["success", "failed"] {
        let id = emit(&mut c, hook).await;
        sqlx::query("UPDATE rule_webhook_calls SET status = $2 WHERE event_id = $1")
            .bind(&id)
            .bind(status)
            .execute(&mut c)
            .await
            .unwrap();
    }
    let swept = emit(&mut c, hook).await;
    emit(&mut c, hook).await;
    let places = |test: &TestDb| {
        let (code, data) = audit(test, &[]);
        assert_eq!(code, 0, "{data}");
        places(&data)
    };
    assert_eq!(places(&test), "delivered 1, dead 1, queue 2");
    sqlx::query("DELETE FROM rule_webhook_calls WHERE event_id = $1")
        .bind(swept)
        .execute(&mut c)
        .await
        .unwrap();
    assert_eq!(places(&test), "delivered 1, dead 1, queue 1, outbox 1");
    c.execute("TRUNCATE rule_webhook_calls CASCADE")
        .await
        .unwrap();
    assert_eq!(places(&test), "delivered 1, dead 1, outbox 2");
}

#[tokio::test]
async fn a_reserved_id_is_asked_about_while_its_row_is_kept() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let hook = webhook(&mut c, Shape::A, "queue").await;
    let id = reserve(&mut c, hook).await;
    c.execute("DELETE FROM rule_webhook_calls").await.unwrap();
    assert_eq!(audit(&test, &[]).0, 3);
    sqlx::query(
        "UPDATE wavegate.event_ids SET created_at = now() - interval '2 days' WHERE event_id = $1",
    )
    .bind(id)
    .execute(&mut c)
    .await
    .unwrap();
    assert_eq!(audit(&test, &[]).0, 3);
    assert_eq!(audit(&test, &["--retention", "1d"]).0, 0);
    // Its webhook was deleted: that was somebody's decision.
    c.execute("DELETE FROM rule_webhooks").await.unwrap();
    assert_eq!(audit(&test, &[]).0, 0);
}
