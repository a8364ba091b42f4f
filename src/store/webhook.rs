//! Webhooks, read through the view that hides the shape.

use chrono::{DateTime, TimeDelta, Utc};

use super::Db;
use crate::{
    error::{Error, Result},
    model::Webhook,
};

#[derive(sqlx::FromRow)]
struct Row {
    webhook_id: i32,
    webhook_name: String,
    enabled: bool,
    tags: Vec<String>,
    publish_mode: String,
    nats_share: i16,
    mode_epoch: i64,
    nats_subject: Option<String>,
    fenced: bool,
    calls_7d: i64,
    failed_7d: i64,
    mean_latency_ms: Option<f64>,
}

/// All webhooks by id, with the volume of the seven days before `now`. Wants migration 007.
pub async fn all(db: &Db, now: DateTime<Utc>) -> Result<Vec<Webhook>> {
    let rows: Vec<Row> = sqlx::query_as(include_str!("../../sql/webhook/all.sql"))
        .bind(now - TimeDelta::days(7))
        .fetch_all(db.pool())
        .await?;
    rows.into_iter().map(webhook).collect()
}

fn webhook(row: Row) -> Result<Webhook> {
    Ok(Webhook {
        id: row.webhook_id,
        mode: row.publish_mode.parse().map_err(|found: String| {
            Error::failed(format!(
                "webhook {} ({}): {found}",
                row.webhook_id, row.webhook_name
            ))
        })?,
        name: row.webhook_name,
        enabled: row.enabled,
        tags: row.tags,
        share: u8::try_from(row.nats_share).unwrap_or_default(),
        epoch: row.mode_epoch,
        subject: row.nats_subject,
        fenced: row.fenced,
        calls_7d: row.calls_7d,
        failed_7d: row.failed_7d,
        mean_latency_ms: row.mean_latency_ms,
    })
}
