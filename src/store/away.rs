//! Members of waves that were taken back alone, by `rollback --webhook`: their waves go on without them until they are resumed.

use std::collections::BTreeSet;

use super::Db;
use crate::{error::Result, model::EntryKind};

/// The members of this migration that are away from their waves. A wave that was rolled back as a whole has none.
pub async fn read(db: &Db, migration_id: i32) -> Result<BTreeSet<i32>> {
    let ids: Vec<i32> = sqlx::query_scalar(include_str!("../../sql/state/away.sql"))
        .bind(migration_id)
        .bind(EntryKind::FlipWebhook.as_str())
        .bind(EntryKind::RollbackWebhook.as_str())
        .fetch_all(db.pool())
        .await?;
    Ok(ids.into_iter().collect())
}
