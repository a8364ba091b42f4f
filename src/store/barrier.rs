//! Transactions that were running at one moment, and which of them still are. Waiting is `engine::barrier`.

use super::Db;
use crate::{
    error::Result,
    model::{PreparedTransaction, Running},
};

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
pub async fn prepared(db: &Db) -> Result<Vec<PreparedTransaction>> {
    Ok(
        sqlx::query_as(include_str!("../../sql/barrier/prepared.sql"))
            .fetch_all(db.pool())
            .await?,
    )
}
