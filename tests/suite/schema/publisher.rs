//! The publisher in SQL: every route in one statement, in the caller's transaction.

use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::support::{
    Schema, Shape, TestDb,
    events::{rows, value, webhook},
};

#[tokio::test]
async fn each_mode_has_its_routes_and_the_guides_answer() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let names = ["o'brien \"quoted\"", "Zahlung 💸 *.>", "plain"];
        for (name, (mode, added)) in names.iter().zip([
            ("queue", (1, 0, 0)),
            ("both", (1, 1, 1)),
            ("nats", (0, 1, 1)),
        ]) {
            let before = rows(&mut c).await;
            let id = webhook(&mut c, shape, name, mode, 0).await;
            let answer = value(
                &mut c,
                &format!("SELECT rule_webhook_call_unified({id}, '{{\"a\": \"ü 💸\"}}')"),
            )
            .await;
            let after = rows(&mut c).await;
            assert_eq!(
                (after.0 - before.0, after.1 - before.1, after.2 - before.2),
                added,
                "{mode}"
            );
            assert_eq!(
                (&answer["success"], &answer["publish_mode"]),
                (&Value::from(true), &Value::from(mode))
            );
            assert_eq!(answer.get("queue").is_some(), mode != "nats", "{answer}");
            assert_eq!(answer.get("nats").is_some(), mode != "queue", "{answer}");
            if mode != "queue" {
                assert_eq!(answer["nats"]["subject"], format!("webhooks.{id}"));
                let payload = value(
                    &mut c,
                    &format!(
                        "SELECT payload FROM rule_nats_outbox WHERE event_id = '{}'",
                        answer["event_id"].as_str().unwrap()
                    ),
                )
                .await;
                assert_eq!(payload["a"], "ü 💸");
            }
        }
    }
}

#[tokio::test]
async fn a_hybrid_event_waits_for_its_preferred_arm_unless_fenced() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let id = webhook(&mut c, shape, "x", "both", 100).await;
        c.execute("UPDATE rule_webhooks SET nats_takeover_after_ms = 7000")
            .await
            .unwrap();
        let look = "SELECT jsonb_build_object('later', extract(epoch FROM q.scheduled_at - e.due_at)::numeric(10,3), 'prefers', e.prefers, 'state', e.state,
                            'same', q.event_id = e.event_id AND q.call_id = e.call_id AND q.two_route AND e.two_route AND e.has_queue_row)
                    FROM rule_webhook_events e JOIN wavegate.queue q USING (event_id) ORDER BY e.seq DESC LIMIT 1";
        value(
            &mut c,
            &format!("SELECT rule_webhook_call_unified({id}, '1')"),
        )
        .await;
        assert_eq!(
            value(&mut c, look).await,
            serde_json::json!({"later": 7.0, "prefers": "nats", "state": "open", "same": true})
        );
        c.execute("INSERT INTO rule_nats_fences (webhook_id) SELECT webhook_id FROM rule_webhooks")
            .await
            .unwrap();
        value(
            &mut c,
            &format!("SELECT rule_webhook_call_unified({id}, '2')"),
        )
        .await;
        assert_eq!(value(&mut c, look).await["later"], 0.0);
        c.execute("DELETE FROM rule_nats_fences; UPDATE rule_webhooks SET nats_share = 0")
            .await
            .unwrap();
        value(
            &mut c,
            &format!("SELECT rule_webhook_call_unified({id}, '3')"),
        )
        .await;
        let seen = value(&mut c, look).await;
        assert_eq!(
            (&seen["later"], &seen["prefers"]),
            (&Value::from(0.0), &Value::from("queue"))
        );
        // A time in the future holds both routes back.
        c.execute("UPDATE rule_webhooks SET nats_share = 100")
            .await
            .unwrap();
        value(&mut c, &format!("SELECT to_jsonb(rule_webhook_enqueue({id}, '4', 'rule', now() + interval '1 hour'))")).await;
        assert_eq!(value(&mut c, look).await["later"], 7.0);
        let due = value(&mut c, "SELECT to_jsonb(due_at > now() + interval '59 minutes') FROM rule_webhook_events ORDER BY seq DESC LIMIT 1").await;
        assert_eq!(due, true);
    }
}

#[tokio::test]
async fn enqueue_answers_with_an_id_of_the_queue_in_every_mode() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let queue = webhook(&mut c, shape, "q", "queue", 0).await;
        let nats = webhook(&mut c, shape, "n", "nats", 0).await;
        let mut last = 0;
        for id in [queue, nats, queue, nats] {
            let call: i32 =
                sqlx::query_scalar("SELECT rule_webhook_enqueue($1, '{\"a\": 1}', 'rule')")
                    .bind(id)
                    .fetch_one(&mut c)
                    .await
                    .unwrap();
            assert!(call > last, "one sequence serves both");
            let status = value(
                &mut c,
                &format!("SELECT rule_webhook_call_status({call})::jsonb"),
            )
            .await;
            assert_eq!(
                (
                    &status["status"],
                    &status["rule_name"],
                    &status["webhook_id"]
                ),
                (
                    &Value::from("pending"),
                    &Value::from("rule"),
                    &Value::from(id)
                ),
                "{status}"
            );
            let wrapped = value(
                &mut c,
                &format!("SELECT rule_webhook_call({id}, '{{}}')::jsonb"),
            )
            .await;
            last = i32::try_from(wrapped["call_id"].as_i64().unwrap()).unwrap();
        }
        assert_eq!(
            value(&mut c, "SELECT rule_webhook_call_status(9999)::jsonb").await["error"],
            "Call not found"
        );
        // A dead event of the ledger can be given another attempt by its id; an open one cannot.
        let retry = format!("SELECT to_jsonb(rule_webhook_retry({last}))");
        assert_eq!(value(&mut c, &retry).await, false);
        c.execute("UPDATE rule_webhook_events SET state = 'dead', attempt = 4")
            .await
            .unwrap();
        assert_eq!(value(&mut c, &retry).await, true);
        let state = value(
            &mut c,
            &format!("SELECT to_jsonb(state) FROM rule_webhook_events WHERE call_id = {last}"),
        )
        .await;
        assert_eq!(state, "retrying");
    }
}

#[tokio::test]
async fn a_callers_own_id_is_one_event() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        for mode in ["queue", "both", "nats"] {
            let id = webhook(&mut c, shape, mode, mode, 100).await;
            let before = rows(&mut c).await;
            let publish = format!("SELECT rule_webhook_publish_nats({id}, '{{}}', 'order-42')");
            let (first, second) = (value(&mut c, &publish).await, value(&mut c, &publish).await);
            assert_eq!(
                (&first["duplicate"], &second["duplicate"]),
                (&Value::from(false), &Value::from(true))
            );
            assert_eq!(first["event_id"], format!("{id}:order-42"));
            assert_eq!(first["event_id"], second["event_id"]);
            let after = rows(&mut c).await;
            let queue = i64::from(mode == "queue");
            assert_eq!(
                (after.0 - before.0, after.1 - before.1, after.2 - before.2),
                (queue, 1 - queue, 1 - queue),
                "{mode}: NATS alone"
            );
        }
        let id = webhook(&mut c, shape, "ids", "nats", 0).await;
        for bad in ["E'a\\nb'".to_string(), format!("'{}'", "x".repeat(501))] {
            let error = c
                .execute(AssertSqlSafe(format!(
                    "SELECT rule_webhook_publish_nats({id}, '{{}}', {bad})"
                )))
                .await
                .unwrap_err();
            assert!(error.to_string().contains("control characters"), "{error}");
        }
        let odd = value(
            &mut c,
            &format!("SELECT rule_webhook_publish_nats({id}, '{{}}', 'it''s 💸')"),
        )
        .await;
        assert_eq!(odd["event_id"], format!("{id}:it's 💸"));
        let none = value(
            &mut c,
            &format!("SELECT rule_webhook_publish_nats({id}, '{{}}', '')"),
        )
        .await;
        assert_eq!(none["duplicate"], false);
    }
}

#[tokio::test]
async fn disabled_and_unknown_raise_and_a_rollback_leaves_nothing() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let id = webhook(&mut c, Shape::A, "off", "both", 50).await;
    c.execute("UPDATE rule_webhooks SET enabled = false")
        .await
        .unwrap();
    for (call, message) in [
        (
            format!("rule_webhook_call_unified({id}, '{{}}')"),
            "webhook 1 (off) is disabled",
        ),
        (
            format!("rule_webhook_enqueue({id}, '{{}}')"),
            "webhook 1 (off) is disabled",
        ),
        (
            format!("rule_webhook_publish_nats({id}, '{{}}', 'x')"),
            "webhook 1 (off) is disabled",
        ),
        (
            "rule_webhook_call_unified(77, '{}')".to_string(),
            "there is no webhook 77",
        ),
        (
            "rule_webhook_call_unified(NULL, '{}')".to_string(),
            "there is no webhook <NULL>",
        ),
    ] {
        let error = c
            .execute(AssertSqlSafe(format!("SELECT {call}")))
            .await
            .unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    c.execute("UPDATE rule_webhooks SET enabled = true")
        .await
        .unwrap();
    let error = c
        .execute(AssertSqlSafe(format!(
            "SELECT rule_webhook_call_unified({id}, NULL)"
        )))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("null value"), "{error}");
    let mut tx = c.begin().await.unwrap();
    tx.execute("SELECT rule_webhook_call_unified(1, '{}'), rule_webhook_publish_nats(1, '{}', 'x'), rule_webhook_enqueue(1, '{}')").await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(rows(&mut c).await, (0, 0, 0));
    assert_eq!(
        value(&mut c, "SELECT to_jsonb(count(*)) FROM wavegate.event_ids").await,
        0
    );
}

/// The hash of PROTOCOL, computed apart from the database.
fn bucket(event_id: &str) -> i32 {
    let digest = Sha256::digest(event_id);
    let first: [u8; 8] = digest[..8].try_into().unwrap();
    i32::try_from(u64::from_be_bytes(first) % 100).unwrap()
}

#[tokio::test]
async fn the_hash_is_the_one_of_the_protocol() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    let mut ids = Vec::new();
    TestRunner::default()
        .run(&"[^\\x00]{0,40}", |id| {
            prop_assume!(!id.contains('\0'));
            IDS.with(|ids| ids.borrow_mut().push(id));
            Ok(())
        })
        .unwrap();
    IDS.with(|kept| ids.append(&mut kept.borrow_mut()));
    ids.extend((0..2000).map(|n| format!("7:order-{n}")));
    let found: Vec<i32> = sqlx::query_scalar("SELECT wavegate.bucket(id) FROM unnest($1::text[]) WITH ORDINALITY AS x (id, n) ORDER BY n")
        .bind(&ids)
        .fetch_all(&mut c)
        .await
        .unwrap();
    let wanted: Vec<i32> = ids.iter().map(|id| bucket(id)).collect();
    assert_eq!(found, wanted);
    assert!((0..100).all(|b| found.contains(&b)), "all hundred occur");
    // The draw at birth is that hash against the share.
    let id = webhook(&mut c, Shape::A, "half", "both", 50).await;
    c.execute(AssertSqlSafe(format!(
        "SELECT rule_webhook_call_unified({id}, '{{}}') FROM generate_series(1, 300)"
    )))
    .await
    .unwrap();
    let drawn: Vec<(String, String)> =
        sqlx::query_as("SELECT event_id, prefers FROM rule_webhook_events")
            .fetch_all(&mut c)
            .await
            .unwrap();
    assert_eq!(drawn.len(), 300);
    for (event_id, prefers) in drawn {
        assert_eq!(
            prefers,
            if bucket(&event_id) < 50 {
                "nats"
            } else {
                "queue"
            },
            "{event_id}"
        );
    }
}

thread_local! {
    static IDS: std::cell::RefCell<Vec<String>> = const { std::cell::RefCell::new(Vec::new()) };
}
