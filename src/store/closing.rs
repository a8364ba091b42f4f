//! The end of a migration, in the transaction of the caller.

use sqlx::PgConnection;

use super::Db;
use crate::error::Result;

/// A member between the paths.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct NotBack {
    pub webhook_id: i32,
    pub webhook_name: String,
    pub wave: String,
    pub publish_mode: String,
    /// Undelivered events without a queue row.
    pub nats_alone: i64,
}

/// Members that are neither in NATS with their wave nor back in the queue.
pub async fn not_back(db: &Db, migration_id: i32) -> Result<Vec<NotBack>> {
    Ok(sqlx::query_as(include_str!("../../sql/state/not_back.sql"))
        .bind(migration_id)
        .fetch_all(db.pool())
        .await?)
}

/// Marks the migration as over, and takes away the fences of what is back. Answers with whose fences went, rising; `None` where
/// somebody else closed it.
pub async fn close(
    connection: &mut PgConnection,
    migration_id: i32,
    status: &str,
) -> Result<Option<Vec<i32>>> {
    let done = sqlx::query(include_str!("../../sql/state/close.sql"))
        .bind(migration_id)
        .bind(status)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if done == 0 {
        return Ok(None);
    }
    let mut gone: Vec<i32> = sqlx::query_scalar(include_str!("../../sql/state/unfenced.sql"))
        .bind(migration_id)
        .fetch_all(connection)
        .await?;
    gone.sort_unstable();
    Ok(Some(gone))
}
