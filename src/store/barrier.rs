//! Transactions that were running at one moment, and which of them still are. Waiting is `engine::barrier`.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Db;
use crate::error::Result;

/// A transaction that began before the barrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Running {
    /// The virtual transaction id: unique among running transactions, whether they write or not.
    pub vxid: String,
    pub pid: i32,
    pub user_name: Option<String>,
    pub application_name: Option<String>,
    pub state: Option<String>,
    /// When the transaction began; `None` where this role may not see it.
    pub since: Option<DateTime<Utc>>,
    /// This role may not see more than the pid and names.
    pub hidden: bool,
}

/// A transaction prepared for two-phase commit; it has no session any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Prepared {
    pub gid: String,
    pub user_name: Option<String>,
    pub since: Option<DateTime<Utc>>,
}

/// Every other transaction of this database that runs now, oldest first.
pub async fn note(db: &Db) -> Result<Vec<Running>> {
    Ok(sqlx::query_as(include_str!("../../sql/barrier/note.sql"))
        .fetch_all(db.pool())
        .await?)
}

/// Those of the noted ones that still run.
pub async fn remaining(db: &Db, noted: &[Running]) -> Result<Vec<Running>> {
    let ids: Vec<&str> = noted.iter().map(|running| running.vxid.as_str()).collect();
    let left: Vec<String> = sqlx::query_scalar(include_str!("../../sql/barrier/remaining.sql"))
        .bind(ids)
        .fetch_all(db.pool())
        .await?;
    Ok(noted
        .iter()
        .filter(|running| left.contains(&running.vxid))
        .cloned()
        .collect())
}

/// The prepared transactions of this database.
pub async fn prepared(db: &Db) -> Result<Vec<Prepared>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/barrier/prepared.sql"))
            .fetch_all(db.pool())
            .await?,
    )
}

/// A barrier that was passed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Passed {
    /// Transactions that it waited for.
    pub noted: usize,
    pub prepared: usize,
    /// Left out on request.
    pub ignored: Vec<Running>,
    pub waited_ms: u64,
}
