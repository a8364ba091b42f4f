//! Where everything stands at one moment, read in one grouped query.

use serde::Serialize;

use super::{Db, state::not_installed};
use crate::error::Result;

/// The webhooks of one wave, or of none.
#[derive(Debug, Clone, Default, Serialize, sqlx::FromRow)]
pub struct Standing {
    /// The wave's place in the plan; `None` for webhooks of no wave.
    pub position: Option<i32>,
    pub webhooks: i64,
    pub in_queue: i64,
    pub in_both: i64,
    pub in_nats: i64,
    pub fenced: i64,
    pub disabled: i64,
    /// Events of the ledger that are neither delivered nor dead.
    pub undelivered: i64,
    /// Queue rows that are neither delivered nor dead.
    pub waiting: i64,
}

/// By wave of this migration; without one, all webhooks in one line.
pub async fn read(db: &Db, migration_id: Option<i32>) -> Result<Vec<Standing>> {
    sqlx::query_as(include_str!("../../sql/state/standing.sql"))
        .bind(migration_id)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}
