//! Webhooks and events by SQL alone.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::Shape;

/// A webhook in a mode; returns its id.
pub async fn webhook(
    c: &mut PgConnection,
    shape: Shape,
    name: &str,
    mode: &str,
    share: i16,
) -> i32 {
    let url = if shape == Shape::A {
        "url"
    } else {
        "webhook_url"
    };
    let insert = format!(
        "INSERT INTO rule_webhooks (webhook_name, {url}, publish_mode, nats_enabled, nats_share) \
         VALUES ($1, 'http://127.0.0.1:1/', $2, $2 <> 'queue', $3) RETURNING webhook_id"
    );
    sqlx::query_scalar(AssertSqlSafe(insert))
        .bind(name)
        .bind(mode)
        .bind(share)
        .fetch_one(c)
        .await
        .unwrap()
}

pub async fn value(c: &mut PgConnection, sql: &str) -> Value {
    sqlx::query_scalar(AssertSqlSafe(sql.to_string()))
        .fetch_one(c)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Queue rows, ledger rows, outbox rows of all events.
pub async fn rows(c: &mut PgConnection) -> (i64, i64, i64) {
    sqlx::query_as("SELECT (SELECT count(*) FROM wavegate.queue), (SELECT count(*) FROM rule_webhook_events), (SELECT count(*) FROM rule_nats_outbox)")
        .fetch_one(c)
        .await
        .unwrap()
}
