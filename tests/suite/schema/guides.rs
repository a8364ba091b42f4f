//! Every SQL block of the two guides runs as written on a migrated database of either shape.
//! Servers before version 14 lack `round(double precision, integer)`, which two blocks of the guide call: they fail there
//! without us, too.

use sqlx::{AssertSqlSafe, Executor, PgConnection};
use wavegate::engine::schema;

use crate::{
    support::events::webhook,
    support::{Schema, Shape, TestDb},
};

/// The statements of a file, each with its heading.
fn statements(text: &str) -> Vec<(String, String)> {
    text.split("-- @ ")
        .skip(1)
        .map(|block| {
            let (heading, sql) = block.split_once('\n').unwrap();
            (
                heading.to_string(),
                sql.trim().trim_end_matches(';').to_string(),
            )
        })
        .collect()
}

async fn run(c: &mut PgConnection, shape: Shape, text: &str, id: i32) {
    let (url, method) = if shape == Shape::A {
        ("url", "method")
    } else {
        ("webhook_url", "http_method")
    };
    let version: i32 = sqlx::query_scalar("SELECT current_setting('server_version_num')::integer")
        .fetch_one(&mut *c)
        .await
        .unwrap();
    for (heading, sql) in statements(text) {
        let sql = sql
            .replace("{url}", url)
            .replace("{method}", method)
            .replace("{id}", &id.to_string());
        if let Err(error) = c.execute(AssertSqlSafe(sql)).await {
            let theirs = version < 140_000
                && error
                    .to_string()
                    .contains("function round(double precision, integer) does not exist");
            assert!(theirs, "{shape:?} {heading}: {error}");
        }
    }
}

async fn webhooks(c: &mut PgConnection, shape: Shape) -> i32 {
    let mut last = 0;
    for name in [
        "analytics_events",
        "test_hook",
        "email_notifications",
        "payment_critical",
        "other",
        "critical_webhook_1",
    ] {
        last = webhook(c, shape, name, "queue", 0).await;
    }
    for status in ["success", "failed"] {
        let insert = "INSERT INTO wavegate.queue (webhook_id, status, payload, created_at, completed_at)
                      SELECT webhook_id, $1, '{}', now() - n * interval '1 hour', now() - n * interval '1 hour' + interval '20 ms'
                      FROM rule_webhooks, generate_series(1, 150) n";
        sqlx::query(insert)
            .bind(status)
            .execute(&mut *c)
            .await
            .unwrap();
    }
    c.execute(
        "INSERT INTO rule_nats_publish_history (webhook_id, subject, payload, success, latency_ms, error_message)
         SELECT webhook_id, 'webhooks.x', '{}', n % 10 > 0, n, CASE WHEN n % 10 = 0 THEN 'no responders' END
         FROM rule_webhooks, generate_series(1, 150) n",
    )
    .await
    .unwrap();
    last
}

#[tokio::test]
async fn every_block_of_the_guides_runs_as_written() {
    for shape in [Shape::A, Shape::B] {
        let test = TestDb::new(shape, Schema::Migrated).await;
        let mut c = test.connect().await;
        let id = webhooks(&mut c, shape).await;
        run(&mut c, shape, include_str!("guides_queue_to_nats.sql"), id).await;
        run(&mut c, shape, include_str!("guides_integration.sql"), id).await;
        let db = test.db().await;
        let found = schema::verify(&db).await.unwrap();
        assert_eq!(found, [], "the guides' own views and index are tolerated");
    }
}

#[tokio::test]
async fn the_guides_queue_view_can_be_written_to_by_those_who_may_write_to_the_queue() {
    let test = TestDb::new(Shape::A, Schema::Engine).await;
    let mut c = test.connect().await;
    let app = crate::support::unique("role");
    c.execute(AssertSqlSafe(format!(
        "CREATE ROLE {app}; GRANT SELECT, INSERT, UPDATE ON rule_webhook_calls TO {app}"
    )))
    .await
    .unwrap();
    let db = test.db().await;
    crate::support::migration::apply(&db, None).await;
    webhook(&mut c, Shape::A, "x", "queue", 0).await;
    c.execute(AssertSqlSafe(format!(
        "GRANT USAGE ON SEQUENCE rule_webhook_calls_call_id_seq TO {app}; SET ROLE {app}"
    )))
    .await
    .unwrap();
    let id: i32 = sqlx::query_scalar(
        "INSERT INTO rule_webhook_queue (webhook_id, payload) VALUES (1, '{}') RETURNING queue_id",
    )
    .fetch_one(&mut c)
    .await
    .unwrap();
    c.execute("UPDATE rule_webhook_queue SET status = 'success'")
        .await
        .unwrap();
    let error = c
        .execute("DELETE FROM rule_webhook_queue")
        .await
        .unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
    c.execute("RESET ROLE").await.unwrap();
    let (call, status): (i32, String) =
        sqlx::query_as("SELECT call_id, status FROM rule_webhook_calls")
            .fetch_one(&mut c)
            .await
            .unwrap();
    assert_eq!((call, status.as_str()), (id, "success"));
    c.execute(AssertSqlSafe(format!(
        "DROP OWNED BY {app}; DROP ROLE {app}"
    )))
    .await
    .unwrap();
}

#[tokio::test]
async fn idle_webhooks_have_no_rate_rather_than_zero() {
    let test = TestDb::new(Shape::B, Schema::Migrated).await;
    let mut c = test.connect().await;
    webhook(&mut c, Shape::B, "idle", "both", 0).await;
    let rate: Option<sqlx::types::JsonValue> =
        sqlx::query_scalar("SELECT to_jsonb(success_rate_pct) FROM nats_publish_summary")
            .fetch_one(&mut c)
            .await
            .unwrap();
    assert_eq!(rate, None);
    let stats: sqlx::types::JsonValue = sqlx::query_scalar("SELECT rule_nats_stats()")
        .fetch_one(&mut c)
        .await
        .unwrap();
    assert_eq!(
        (&stats["total_published"], &stats["success_rate_pct"]),
        (&0.into(), &sqlx::types::JsonValue::Null)
    );
}
