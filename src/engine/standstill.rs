//! Whether somebody holds a wave where it is.

use super::planner::Snapshot;
use crate::{
    error::{Error, Result},
    store::{
        Db,
        hold::{self, Standstill},
        state::Migration,
    },
};

/// The first hold that keeps this wave from going forward. One webhook that stands still holds its whole wave: a wave takes its steps
/// together.
pub fn of_wave<'h>(holds: &'h [Standstill], wave: &str, members: &[i32]) -> Option<&'h Standstill> {
    holds
        .iter()
        .find(|hold| match (&hold.wave, hold.webhook_id) {
            (_, Some(id)) => members.contains(&id),
            (Some(held), None) => held == wave,
            (None, None) => true,
        })
}

/// In words.
pub fn said(hold: &Standstill) -> String {
    let until = hold.until.map_or_else(
        || "until it is released".to_string(),
        |until| format!("until {}", until.format("%Y-%m-%d %H:%M UTC")),
    );
    format!(
        "{} is held by {} {until}: {}",
        hold.scope, hold.who, hold.why
    )
}

/// What is typed to end it.
pub fn release(hold: &Standstill) -> String {
    format!("wavegate release {}", hold.id)
}

/// Whoever holds a wave, a webhook of it or everything keeps it from going forward, and nobody from going back.
pub async fn allows(
    db: &Db,
    migration: Option<&Migration>,
    snapshot: &Snapshot,
    wave: &str,
) -> Result<()> {
    let holds = hold::standing(db, migration.map(|m| m.id)).await?;
    let members = snapshot.members.get(wave).map_or(&[][..], Vec::as_slice);
    match of_wave(&holds, wave, members) {
        Some(hold) => Err(
            Error::not_yet(format!("wave {wave} stands still: {}", said(hold)))
                .hint(format!("end it: `{}`", release(hold))),
        ),
        None => Ok(()),
    }
}
