//! What the planner decides on, read from the database.

use chrono::{DateTime, Utc};

use super::planner::Snapshot;
use crate::{
    error::Result,
    plan::Plan,
    store::{Db, away, state::Migration, webhook},
};

/// Webhooks, waves and their members at one moment. Before a migration began, selectors may ask for volumes, which takes a pass
/// over the past; from then on the members are fixed, and nobody asks.
pub async fn read(
    db: &Db,
    plan: &Plan,
    migration: Option<&Migration>,
    now: DateTime<Utc>,
) -> Result<Snapshot> {
    Ok(match migration {
        Some(migration) => Snapshot {
            waves: migration.waves.clone(),
            members: migration.members.clone(),
            webhooks: webhook::all(db).await?,
            away: away::read(db, migration.id).await?,
        },
        None => Snapshot::before_start(plan, webhook::with_volume(db, now).await?),
    })
}
