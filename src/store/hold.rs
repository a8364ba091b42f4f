//! What stands still: lines of the journal, each until its time, or until it is released.

use chrono::{DateTime, Utc};

use super::{Db, journal::Line, state::not_installed};
use crate::{
    error::Result,
    model::{
        Confirmed, Entry, EntryKind,
        journal::{Holding, Nothing, Release},
    },
};

/// One hold that stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Standstill {
    /// Its line in the journal, by which it is released.
    pub id: i64,
    pub who: String,
    pub host: String,
    pub at: DateTime<Utc>,
    /// `everything`, `wave NAME` or `webhook NAME`.
    pub scope: String,
    pub wave: Option<String>,
    pub webhook_id: Option<i32>,
    pub why: String,
    pub until: Option<DateTime<Utc>>,
}

/// What is to stand still.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub migration_id: Option<i32>,
    pub scope: String,
    pub wave: Option<&'a str>,
    pub webhook_id: Option<i32>,
    pub why: &'a str,
    pub until: Option<DateTime<Utc>>,
}

/// All that stand now, oldest first.
pub async fn standing(db: &Db, migration_id: Option<i32>) -> Result<Vec<Standstill>> {
    sqlx::query_as(include_str!("../../sql/hold/standing.sql"))
        .bind(EntryKind::HoldSet.as_str())
        .bind(EntryKind::HoldReleased.as_str())
        .bind(migration_id)
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// The line that sets one.
pub fn set<'a>(wanted: &Wanted<'a>, confirmed: Confirmed) -> Line<'a> {
    Line {
        migration_id: wanted.migration_id,
        wave: wanted.wave,
        webhook_id: wanted.webhook_id,
        ..Line::new(Entry::HoldSet {
            before: Nothing {},
            after: Holding {
                scope: wanted.scope.clone(),
                why: wanted.why.to_string(),
                until: wanted.until,
                consent: confirmed.consent(),
            },
        })
    }
}

/// The line that releases it.
pub fn release(held: &Standstill, migration_id: Option<i32>, confirmed: Confirmed) -> Line<'_> {
    Line {
        migration_id,
        wave: held.wave.as_deref(),
        webhook_id: held.webhook_id,
        ..Line::new(Entry::HoldReleased {
            before: Nothing {},
            after: Release {
                hold: held.id,
                consent: confirmed.consent(),
            },
        })
    }
}
