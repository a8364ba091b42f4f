//! What the guard has seen: how often in a row each gate failed, and when it last looked. Kept, so that a `run --once` each hour counts
//! as well as a resident one.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Db;
use crate::{
    error::Result,
    model::{EntryKind, Gate},
};

/// One look at one wave.
#[derive(Debug)]
pub struct GuardLook<'a> {
    pub migration_id: i32,
    pub wave: &'a str,
    /// When the wave came into the step that it is in.
    pub since: DateTime<Utc>,
    /// Whether each gate failed; those that could not be told are left out.
    pub failed: &'a [(Gate, bool)],
    /// Looks that are closer count once.
    pub spacing: Duration,
}

/// Writes the look down; answers with the failures in a row of each gate that was told.
pub async fn note(db: &Db, look: &GuardLook<'_>) -> Result<Vec<(Gate, u32)>> {
    let (gates, failed): (Vec<&str>, Vec<bool>) = look
        .failed
        .iter()
        .map(|(gate, f)| (gate.as_str(), *f))
        .unzip();
    let counts: Vec<(String, i32)> = sqlx::query_as(include_str!("../../sql/guard/note.sql"))
        .bind(look.migration_id)
        .bind(look.wave)
        .bind(look.since)
        .bind(gates)
        .bind(failed)
        .bind(look.spacing.as_secs_f64())
        .fetch_all(db.pool())
        .await?;
    let counted = |(gate, fails): (String, i32)| (Gate::from(gate), fails.unsigned_abs());
    Ok(counts.into_iter().map(counted).collect())
}

/// When it last looked, if ever.
pub async fn looked(db: &Db, migration_id: i32) -> Result<Option<DateTime<Utc>>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/guard/looked.sql"))
            .bind(migration_id)
            .fetch_one(db.pool())
            .await?,
    )
}

/// When a guard last looked at the moved wave of the migration under way that it looked at longest ago, if at any.
pub async fn watch(db: &Db) -> Result<Option<DateTime<Utc>>> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/guard/watch.sql"))
            .fetch_one(db.pool())
            .await?,
    )
}

/// Is it written already why the guard takes this wave back, out of the step that it entered at `since`?
pub async fn fired(
    db: &Db,
    migration_id: i32,
    wave: &str,
    since: Option<DateTime<Utc>>,
) -> Result<bool> {
    Ok(
        sqlx::query_scalar(include_str!("../../sql/guard/fired.sql"))
            .bind(migration_id)
            .bind(wave)
            .bind(since)
            .bind(EntryKind::GuardFired.as_str())
            .fetch_one(db.pool())
            .await?,
    )
}
