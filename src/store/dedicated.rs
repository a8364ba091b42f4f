//! Dedicated workers: which webhooks their waves have now, and how such a worker is told from an ordinary one.

use super::{Db, state::not_installed};
use crate::error::Result;

/// How the id of a dedicated worker ends; an ordinary one ends with a number.
pub const SUFFIX: &str = "/dedicated";

/// The waves that a dedicated worker may be for, in their order: those of the migration under way, or of the last one.
pub async fn waves(db: &Db) -> Result<Vec<String>> {
    sqlx::query_scalar(include_str!("../../sql/worker/waves.sql"))
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// The webhooks of these waves and those of these ids that are still there, rising, each with its subject.
pub async fn served(db: &Db, waves: &[String], webhooks: &[i32]) -> Result<Vec<(i32, String)>> {
    Ok(sqlx::query_as(include_str!("../../sql/worker/served.sql"))
        .bind(waves)
        .bind(webhooks)
        .fetch_all(db.pool())
        .await?)
}
