//! The database's clock: heartbeats, ledger and due times are all written by it.

use chrono::{DateTime, Utc};

use super::Db;
use crate::error::Result;

pub async fn now(db: &Db) -> Result<DateTime<Utc>> {
    Ok(sqlx::query_scalar(include_str!("../../sql/clock/now.sql"))
        .fetch_one(db.pool())
        .await?)
}
