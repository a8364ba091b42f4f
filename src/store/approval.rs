//! Consent to exactly one step, given beforehand: a line of the journal, bound to the plan's text, the wave, where it stands and where
//! it goes.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Db, journal::Line, state::not_installed};
use crate::{
    error::Result,
    model::{
        Confirmed, Entry, EntryKind, Mode, WaveStep,
        journal::{Approval, Left},
    },
};

/// What is approved.
#[derive(Debug, Clone)]
pub struct ApprovedStep<'a> {
    pub migration_id: Option<i32>,
    pub plan: &'a str,
    /// Of the plan's text: who approves one text has not approved another.
    pub hash: &'a str,
    pub wave: &'a str,
    pub from: WaveStep,
    /// `None`: that it is called finished.
    pub to: Option<Mode>,
    /// When the wave came where it stands; what was approved before that is of an earlier visit.
    pub since: Option<DateTime<Utc>>,
}

/// Who approved.
#[derive(Debug, Clone, serde::Serialize, sqlx::FromRow)]
pub struct Approver {
    pub who: String,
    pub host: String,
    pub at: DateTime<Utc>,
    pub note: Option<String>,
}

/// The newest approval of this step, if any.
pub async fn given(db: &Db, step: &ApprovedStep<'_>) -> Result<Option<Approver>> {
    sqlx::query_as(include_str!("../../sql/approval/given.sql"))
        .bind(step.wave)
        .bind(step.plan)
        .bind(step.hash)
        .bind(Json(step.from))
        .bind(Json(step.to))
        .bind(step.since)
        .bind(EntryKind::StepApproved.as_str())
        .fetch_optional(db.pool())
        .await
        .map_err(not_installed)
}

/// The line that approves it.
pub fn give<'a>(step: &ApprovedStep<'a>, note: Option<&str>, confirmed: Confirmed) -> Line<'a> {
    Line {
        migration_id: step.migration_id,
        wave: Some(step.wave),
        ..Line::new(Entry::StepApproved {
            before: Left { step: step.from },
            after: Approval {
                plan: step.plan.to_string(),
                hash: step.hash.to_string(),
                to: step.to,
                note: note.map(str::to_string),
                consent: confirmed.consent(),
            },
        })
    }
}
