//! What the queue still holds of webhooks that have left it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Db, clock};
use crate::error::Result;

/// Queue rows that are neither delivered nor dead.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Drain {
    pub pending: i64,
    pub processing: i64,
    pub retrying: i64,
    /// Of these, not due yet.
    pub future: i64,
    /// At most 20 rows that are `processing` although nobody can still work on them: somebody must decide.
    pub orphaned: Vec<Orphan>,
}

/// A queue row whose worker is gone.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Orphan {
    pub call_id: i64,
    pub webhook_id: i32,
    pub webhook_name: String,
    pub started_at: Option<DateTime<Utc>>,
    pub claimed_by: Option<String>,
}

impl Drain {
    pub fn left(&self) -> i64 {
        self.pending + self.processing + self.retrying
    }

    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }
}

/// What is left for these webhooks now, future due times included. Empty only counts when seen twice.
pub async fn remaining(db: &Db, webhooks: &[i32]) -> Result<Drain> {
    let now = clock::now(db).await?;
    let (pending, processing, retrying, future) =
        sqlx::query_as(include_str!("../../sql/drain/remaining.sql"))
            .bind(webhooks)
            .bind(now)
            .fetch_one(db.pool())
            .await?;
    let orphaned = if processing == 0 {
        Vec::new()
    } else {
        sqlx::query_as(include_str!("../../sql/drain/orphaned.sql"))
            .bind(webhooks)
            .bind(now)
            .fetch_all(db.pool())
            .await?
    };
    Ok(Drain {
        pending,
        processing,
        retrying,
        future,
        orphaned,
    })
}
