//! Sign-offs: lines of the journal, bound to the plan's text, the wave, and the step that it is to leave.

use chrono::{DateTime, Utc};

use super::{
    Db,
    journal::{Actor, Line, append},
    state::not_installed,
};
use crate::{
    error::Result,
    gates::signoff::Signature,
    model::{
        Confirmed, Entry, EntryKind,
        journal::{self as told, Nothing},
    },
};

/// What is signed: that this wave may leave the step it stands in.
#[derive(Debug, Clone)]
pub struct Matter<'a> {
    pub migration_id: Option<i32>,
    pub plan: &'a str,
    /// Of the plan's text: who signs one text has not signed another.
    pub hash: &'a str,
    pub wave: &'a str,
    /// The step in words.
    pub from: String,
    /// When the wave came there; what was signed before that is of an earlier visit.
    pub since: Option<DateTime<Utc>>,
}

/// What was said, oldest first.
pub async fn given(db: &Db, matter: &Matter<'_>) -> Result<Vec<Signature>> {
    sqlx::query_as(include_str!("../../sql/signoff/given.sql"))
        .bind(matter.wave)
        .bind(matter.plan)
        .bind(matter.hash)
        .bind(&matter.from)
        .bind(matter.since)
        .bind(EntryKind::Signed.as_str())
        .bind(EntryKind::Refused.as_str())
        .fetch_all(db.pool())
        .await
        .map_err(not_installed)
}

/// Writes a signature, or a refusal, for `role`.
pub async fn give(
    db: &Db,
    actor: &Actor,
    matter: &Matter<'_>,
    role: &str,
    signed: bool,
    note: Option<&str>,
    confirmed: Confirmed,
) -> Result<()> {
    let (before, after) = (
        Nothing {},
        told::Signature {
            role: role.to_string(),
            plan: matter.plan.to_string(),
            hash: matter.hash.to_string(),
            from: matter.from.clone(),
            note: note.map(str::to_string),
            consent: confirmed.consent(),
        },
    );
    let line = Line {
        migration_id: matter.migration_id,
        wave: Some(matter.wave),
        ..Line::new(match signed {
            true => Entry::Signed { before, after },
            false => Entry::Refused { before, after },
        })
    };
    let mut connection = db.pool().acquire().await?;
    append(&mut connection, actor, &line).await?;
    Ok(())
}
