//! What workers count, where the guides' queries and the takeover rule look.

use chrono::{DateTime, Utc};

use super::Db;
use crate::{error::Result, model::Path};

/// The path has just claimed events of these webhooks.
pub async fn path_activity(db: &Db, path: Path, webhooks: &[i32]) -> Result<()> {
    sqlx::query(include_str!("../../sql/stats/path_activity.sql"))
        .bind(webhooks)
        .bind(path.as_str())
        .execute(db.pool())
        .await?;
    Ok(())
}

/// Counters of one NATS worker, since it started.
#[derive(Debug, Clone, Default)]
pub struct ConsumerStats {
    pub stream: String,
    /// The worker's id; the durable consumer is shared.
    pub worker: String,
    pub durable: String,
    pub delivered: i64,
    pub acknowledged: i64,
    pub pending: i64,
    pub redelivered: i64,
    pub mean_ms: Option<f64>,
    pub active: bool,
}

/// When somebody last counted for this durable, as the engine's example worker does every hundred messages.
pub async fn last_active(db: &Db, consumer: &str) -> Result<Option<DateTime<Utc>>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/stats/last_active.sql"))
            .bind(consumer)
            .fetch_one(db.pool())
            .await?,
    )
}

/// Writes a row of `rule_nats_consumer_stats`.
pub async fn consumer(db: &Db, stats: &ConsumerStats) -> Result<()> {
    sqlx::query(include_str!("../../sql/stats/consumer.sql"))
        .bind(&stats.stream)
        .bind(&stats.worker)
        .bind(&stats.durable)
        .bind(stats.delivered)
        .bind(stats.acknowledged)
        .bind(stats.pending)
        .bind(stats.redelivered)
        .bind(stats.mean_ms)
        .bind(stats.active)
        .execute(db.pool())
        .await?;
    Ok(())
}
