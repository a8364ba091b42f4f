//! Rollbacks that were begun and not ended, as the journal tells.

use chrono::{DateTime, Utc};

use super::{Db, state::not_installed};
use crate::error::Result;

/// One of them, as it was begun last.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Rollback {
    /// `wave NAME`, `webhook NAME` or `everything`.
    pub scope: String,
    /// `both` or `queue`.
    pub goal: String,
    pub drain: bool,
    pub who: String,
    pub host: String,
    pub at: DateTime<Utc>,
}

/// All of them.
pub async fn rollbacks(db: &Db) -> Result<Vec<Rollback>> {
    sqlx::query_as(include_str!("../../sql/state/unfinished_rollbacks.sql"))
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}
