//! Webhooks, read through the view that hides the shape.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Db, QueueShape, state::not_installed};
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

/// All webhooks by id, their volume unread (0). Wants migration 007.
pub async fn all(db: &Db) -> Result<Vec<Webhook>> {
    let rows: Vec<Row> = sqlx::query_as(include_str!("../../sql/webhook/all.sql"))
        .fetch_all(db.pool())
        .await?;
    rows.into_iter().map(webhook).collect()
}

/// Like `all`, with the volume of the seven days before `now`: reads all of the queue and the ledger.
pub async fn with_volume(db: &Db, now: DateTime<Utc>) -> Result<Vec<Webhook>> {
    let mut webhooks = all(db).await?;
    let volumes: Vec<(i32, i64, i64, Option<f64>)> =
        sqlx::query_as(include_str!("../../sql/webhook/volume.sql"))
            .bind(now - TimeDelta::days(7))
            .fetch_all(db.pool())
            .await?;
    for (id, calls, failed, latency) in volumes {
        if let Ok(index) = webhooks.binary_search_by_key(&id, |webhook| webhook.id) {
            let webhook = &mut webhooks[index];
            webhook.calls_7d = calls;
            webhook.failed_7d = failed;
            webhook.mean_latency_ms = latency;
        }
    }
    Ok(webhooks)
}

/// Like `with_volume`, and works on a database where migration 007 has not been applied, or the engine's own alone.
pub async fn any(db: &Db, now: DateTime<Utc>) -> Result<Vec<Webhook>> {
    if installed(db).await? {
        return with_volume(db, now).await;
    }
    let query = match db.shape().queue {
        QueueShape::A => include_str!("../../sql/webhook/before_007_a.sql"),
        QueueShape::B => include_str!("../../sql/webhook/before_007_b.sql"),
    };
    let rows: Vec<Row> = sqlx::query_as(db.qualified(query))
        .bind(now - TimeDelta::days(7))
        .fetch_all(db.pool())
        .await?;
    rows.into_iter().map(webhook).collect()
}

/// The ids of all webhooks.
pub async fn ids(db: &Db) -> Result<Vec<i32>> {
    sqlx::query_scalar(include_str!("../../sql/webhook/ids.sql"))
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// Are our columns and views in place?
pub async fn installed(db: &Db) -> Result<bool> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/webhook/installed.sql"))
            .fetch_one(db.pool())
            .await?,
    )
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
