//! What has had its time goes, by small batches along an index. Never an undelivered event, and no ledger row before the
//! copies of its event. Every statement may be repeated, and run beside itself.

use chrono::{DateTime, Utc};

use super::{Db, outbox::Part};
use crate::error::Result;

/// Rows that one statement looks at.
pub const BATCH: i64 = 1000;

/// What one batch did.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct Swept {
    pub looked: i64,
    /// The newest that was looked at.
    pub up_to: Option<DateTime<Utc>>,
    pub gone: i64,
}

/// What is known of the stream that carried the copies.
#[derive(Debug, Clone, Copy)]
pub struct Copies {
    pub first_seq: i64,
    pub ack_floor: i64,
    pub created: DateTime<Utc>,
    /// Copies published before have left the stream by their age; `None`: they never do.
    pub aged_out: Option<DateTime<Utc>>,
}

/// One batch of publish history.
pub async fn history(db: &Db, until: DateTime<Utc>, from: Option<DateTime<Utc>>) -> Result<Swept> {
    Ok(
        sqlx::query_as(include_str!("../../sql/retention/history.sql"))
            .bind(until)
            .bind(from)
            .bind(BATCH)
            .fetch_one(db.pool())
            .await?,
    )
}

/// Webhooks with ledger rows, deleted ones too.
pub async fn webhooks(db: &Db, part: &Part) -> Result<Vec<i32>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/retention/webhooks.sql"))
            .bind(part.config_id)
            .bind(part.unnamed)
            .fetch_all(db.pool())
            .await?,
    )
}

/// One batch of the ledger of one webhook.
pub async fn ledger(
    db: &Db,
    webhook_id: i32,
    until: DateTime<Utc>,
    from: Option<DateTime<Utc>>,
    copies: Copies,
) -> Result<Swept> {
    Ok(
        sqlx::query_as(include_str!("../../sql/retention/ledger.sql"))
            .bind(webhook_id)
            .bind(until)
            .bind(from)
            .bind(BATCH)
            .bind(copies.first_seq)
            .bind(copies.ack_floor)
            .bind(copies.created)
            .bind(copies.aged_out)
            .fetch_one(db.pool())
            .await?,
    )
}

/// One batch of the ids that callers chose.
pub async fn event_ids(
    db: &Db,
    until: DateTime<Utc>,
    from: Option<DateTime<Utc>>,
) -> Result<Swept> {
    Ok(
        sqlx::query_as(include_str!("../../sql/retention/event_ids.sql"))
            .bind(until)
            .bind(from)
            .bind(BATCH)
            .fetch_one(db.pool())
            .await?,
    )
}

/// One batch of ambiguous attempts; answers how far it came, `None` at the end, and how many went.
pub async fn attempts(db: &Db, until: DateTime<Utc>, after: i64) -> Result<(Option<i64>, i64)> {
    Ok(
        sqlx::query_as(include_str!("../../sql/retention/attempts.sql"))
            .bind(until)
            .bind(after)
            .bind(BATCH)
            .fetch_one(db.pool())
            .await?,
    )
}

/// The small tables: heartbeats of before, and what is noted of webhooks that are gone.
pub async fn small(db: &Db, silent_since: DateTime<Utc>) -> Result<()> {
    sqlx::query(include_str!("../../sql/retention/heartbeats.sql"))
        .bind(silent_since)
        .execute(db.pool())
        .await?;
    sqlx::query(include_str!("../../sql/retention/gone_webhooks.sql"))
        .execute(db.pool())
        .await?;
    Ok(())
}
