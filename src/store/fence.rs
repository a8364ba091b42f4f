//! Fences: a row here forbids the NATS path to deliver a webhook's events. A table of our own, so that nobody waits.

use sqlx::PgConnection;

use super::Db;
use crate::error::Result;

/// Sets fences, in the caller's transaction; answers with the webhooks that had none.
pub async fn set(
    connection: &mut PgConnection,
    webhooks: &[i32],
    reason: &str,
) -> Result<Vec<i32>> {
    let mut new: Vec<i32> = sqlx::query_scalar(include_str!("../../sql/fence/set.sql"))
        .bind(webhooks)
        .bind(reason)
        .fetch_all(connection)
        .await?;
    new.sort_unstable();
    Ok(new)
}

/// Which of these webhooks are fenced.
pub async fn standing(db: &Db, webhooks: &[i32]) -> Result<Vec<i32>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/fence/standing.sql"))
            .bind(webhooks)
            .fetch_all(db.pool())
            .await?,
    )
}

/// Takes fences away, in the caller's transaction; answers with the webhooks that had one.
pub async fn clear(connection: &mut PgConnection, webhooks: &[i32]) -> Result<Vec<i32>> {
    let mut gone: Vec<i32> = sqlx::query_scalar(include_str!("../../sql/fence/clear.sql"))
        .bind(webhooks)
        .fetch_all(connection)
        .await?;
    gone.sort_unstable();
    Ok(gone)
}
