//! What other people do to two-route rows and to webhooks: noted or refused, never in their way.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    support::events::{value, webhook},
    support::{Schema, Shape, TestDb},
};

const NOTED: &str = "SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_array(status, http_status, error)) ORDER BY id), '[]') FROM wavegate.foreign_results";

#[tokio::test]
async fn foreign_results_of_two_route_rows_are_noted() {
    for shape in [Shape::A, Shape::B] {
        let (queue, key) = if shape == Shape::A {
            ("rule_webhook_calls", "call_id")
        } else {
            ("rule_webhook_queue", "queue_id")
        };
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        webhook(&mut c, shape, "both", "both", 0).await;
        webhook(&mut c, shape, "queue", "queue", 0).await;
        c.execute("SELECT rule_webhook_call_unified(w.webhook_id, '{}') FROM rule_webhooks w")
            .await
            .unwrap();
        let update = async |c: &mut sqlx::PgConnection, set: &str| {
            c.execute(AssertSqlSafe(format!("UPDATE {queue} SET {set}")))
                .await
                .unwrap();
        };
        update(&mut c, "status = 'processing', started_at = now()").await;
        assert_eq!(value(&mut c, NOTED).await, json!([]));
        update(
            &mut c,
            "status = 'failed', response_status = 503, error_message = 'down'",
        )
        .await;
        update(&mut c, "status = 'failed'").await;
        update(
            &mut c,
            "status = 'retrying', error_message = NULL, response_status = NULL",
        )
        .await;
        update(&mut c, "status = 'success', response_status = 200").await;
        assert_eq!(
            value(&mut c, NOTED).await,
            json!([
                ["failed", 503, "down"],
                ["requeued", null, null],
                ["success", 200, null]
            ])
        );
        // Our own sessions write the ledger themselves.
        c.execute("DELETE FROM wavegate.foreign_results; SET wavegate.actor = 'wavegate'")
            .await
            .unwrap();
        update(&mut c, "status = 'failed'").await;
        assert_eq!(value(&mut c, NOTED).await, json!([]));
        c.execute("RESET wavegate.actor").await.unwrap();
        c.execute(AssertSqlSafe(format!("DELETE FROM {queue}")))
            .await
            .unwrap();
        assert_eq!(value(&mut c, NOTED).await, json!([["deleted", null, null]]));
        let same: Value = value(
            &mut c,
            "SELECT to_jsonb(e.event_id = f.event_id AND e.call_id = f.call_id) FROM rule_webhook_events e, wavegate.foreign_results f",
        )
        .await;
        assert_eq!(same, true, "{key}");
        c.execute(AssertSqlSafe(format!("TRUNCATE {queue} CASCADE")))
            .await
            .unwrap();
        assert_eq!(
            value(
                &mut c,
                "SELECT to_jsonb(count(*)) FROM wavegate.foreign_results WHERE status = 'truncated'"
            )
            .await,
            1
        );
    }
}

#[tokio::test]
async fn a_webhook_with_undelivered_events_cannot_go() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    webhook(&mut c, Shape::A, "keep", "nats", 0).await;
    webhook(&mut c, Shape::A, "free", "nats", 0).await;
    c.execute("SELECT rule_webhook_call_unified(1, '{}')")
        .await
        .unwrap();
    let error = c
        .execute("DELETE FROM rule_webhooks WHERE webhook_name = 'keep'")
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("webhook 1 (keep) has undelivered events"),
        "{error}"
    );
    let error = c
        .execute("TRUNCATE rule_webhooks CASCADE")
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("undelivered webhook events"),
        "{error}"
    );
    c.execute("DELETE FROM rule_webhooks WHERE webhook_name = 'free'")
        .await
        .unwrap();
    c.execute("UPDATE rule_webhook_events SET state = 'dead'")
        .await
        .unwrap();
    c.execute("DELETE FROM rule_webhooks WHERE webhook_name = 'keep'")
        .await
        .unwrap();
}

#[tokio::test]
async fn the_epoch_rises_with_mode_share_subject_and_config_and_with_nothing_else() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    webhook(&mut c, Shape::A, "x", "queue", 0).await;
    for (set, epoch) in [
        ("description = 'new'", 0),
        ("publish_mode = 'both'", 1),
        ("publish_mode = 'both'", 1),
        ("nats_share = 10", 2),
        ("nats_subject = 'webhooks.x'", 3),
        ("nats_config_id = 1", 4),
        ("enabled = false, nats_takeover_after_ms = 5", 4),
        ("publish_mode = 'queue', mode_epoch = 0", 5),
    ] {
        c.execute(AssertSqlSafe(format!("UPDATE rule_webhooks SET {set}")))
            .await
            .unwrap();
        assert_eq!(
            value(&mut c, "SELECT to_jsonb(mode_epoch) FROM rule_webhooks").await,
            epoch,
            "{set}"
        );
    }
    for (set, check) in [
        ("publish_mode = 'kafka'", "valid_publish_mode"),
        ("nats_share = 101", "valid_nats_share"),
    ] {
        let error = c
            .execute(AssertSqlSafe(format!("UPDATE rule_webhooks SET {set}")))
            .await
            .unwrap_err();
        assert!(error.to_string().contains(check), "{error}");
    }
}

#[tokio::test]
async fn the_journal_is_only_appended_to() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    for change in [
        "UPDATE wavegate.journal SET who = 'me'",
        "DELETE FROM wavegate.journal",
        "TRUNCATE wavegate.journal",
    ] {
        assert!(
            c.execute(change)
                .await
                .unwrap_err()
                .to_string()
                .contains("only ever appended to")
        );
    }
}

#[tokio::test]
async fn health_is_measured_and_never_believed() {
    let test = TestDb::new(Shape::A, Schema::Migrated).await;
    let mut c = test.connect().await;
    c.execute(
        "UPDATE rule_nats_config SET nats_url = 'nats://user:sec/r,e@t@a:4222,nats://b:x@c:4222'",
    )
    .await
    .unwrap();
    let init = value(&mut c, "SELECT rule_nats_init('default')").await;
    assert_eq!(
        (&init["success"], &init["nats_url"]),
        (&json!(false), &json!("nats://a:4222,nats://c:4222"))
    );
    assert!(init["error"].as_str().unwrap().contains("no relay"));
    c.execute(
        "INSERT INTO wavegate.relay (relay_id, host, pid, started_at, seen_at, published, last_ack_at)
         VALUES ('r', 'h', 1, now(), clock_timestamp() + interval '1 minute', 12543, now())",
    )
    .await
    .unwrap();
    let init = value(&mut c, "SELECT rule_nats_init()").await;
    assert_eq!(
        init,
        json!({"success": true, "config": "default", "nats_url": "nats://a:4222,nats://c:4222", "jetstream_enabled": true, "stream_name": "WEBHOOKS"})
    );
    let health = value(
        &mut c,
        "SELECT rule_nats_health_check('default') - 'last_ack_at'",
    )
    .await;
    assert_eq!(
        health,
        json!({"success": true, "config": "default", "connected": true, "jetstream_enabled": true,
               "pool_stats": {"total_connections": 1, "healthy_connections": 1, "health_percentage": 100.0, "requests_served": 12543}})
    );
    c.execute(
        "UPDATE wavegate.relay SET last_error = 'no responders', last_error_at = clock_timestamp()",
    )
    .await
    .unwrap();
    let health = value(&mut c, "SELECT rule_nats_health_check('default')").await;
    assert_eq!(
        (&health["connected"], &health["error"]),
        (
            &json!(false),
            &json!("NATS does not acknowledge: no responders")
        )
    );
    assert_eq!(
        value(&mut c, "SELECT rule_nats_test_connection()::jsonb").await["success"],
        false
    );
    assert_eq!(
        value(&mut c, "SELECT rule_nats_health_check('nowhere')").await["success"],
        false
    );
}
