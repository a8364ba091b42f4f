//! What stands still or was given up, as PostgreSQL knows it: counted in one query, each with its age.

use chrono::{DateTime, Utc};

use super::Db;
use crate::error::Result;

/// What is due counts as late once it has waited for so many seconds.
pub const LATE_S: i32 = 60;

pub const CAUSES: [&str; 7] = [
    "circuit_open",
    "dead",
    "fenced",
    "queue_late",
    "stuck",
    "undelivered",
    "undelivered_without_row",
];

/// All that is in one kind of trouble.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Trouble {
    /// One of `CAUSES`.
    pub cause: String,
    pub events: i64,
    pub webhooks: i64,
    /// The oldest.
    pub since: Option<DateTime<Utc>>,
    /// Whose the oldest is.
    pub webhook: Option<String>,
}

/// `late_s`: what is due counts once it has waited for so many seconds.
pub async fn troubles(db: &Db, late_s: i32) -> Result<Vec<Trouble>> {
    Ok(sqlx::query_as(include_str!("../../sql/state/troubles.sql"))
        .bind(late_s)
        .fetch_all(db.pool())
        .await?)
}
