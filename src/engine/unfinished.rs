//! What was begun and did not come to its end, each with the command that goes on: killed, or cut off from PostgreSQL.

use super::executor;
use crate::{
    error::Result,
    model::{Cause, Look, Mode},
    store::{
        Db,
        state::Migration,
        unfinished::{self, Rollback},
    },
};

/// One of them.
#[derive(Debug, Clone)]
pub enum Unfinished {
    /// Flipped, and its barrier or checks are not done.
    Flip {
        wave: String,
        to: Mode,
    },
    Rollback(Rollback),
}

/// All that are unfinished now. Worth asking only while nobody holds the lock.
pub async fn read(db: &Db, migration: Option<&Migration>) -> Result<Vec<Unfinished>> {
    let mut all: Vec<Unfinished> = unfinished::rollbacks(db)
        .await?
        .into_iter()
        .map(Unfinished::Rollback)
        .collect();
    if let Some(migration) = migration
        && let Some(flip) = executor::unfinished(db, migration).await?
    {
        all.push(Unfinished::Flip {
            wave: flip.wave,
            to: flip.to,
        });
    }
    Ok(all)
}

impl Unfinished {
    /// What needs a look about it.
    pub fn look(&self) -> Look {
        match self {
            Unfinished::Flip { wave, to } => Look::new(
                Cause::Unfinished,
                format!("wave {wave} was flipped to {to}, and its barrier and checks are not done"),
            )
            .command("wavegate apply PLAN"),
            Unfinished::Rollback(rollback) => Look::new(
                Cause::Unfinished,
                format!(
                    "the rollback of {} that {} began on {} is not done",
                    rollback.scope, rollback.who, rollback.host
                ),
            )
            .since(rollback.at)
            .command(command(rollback)),
        }
    }
}

fn command(rollback: &Rollback) -> String {
    let scope = match rollback.scope.split_once(' ') {
        Some(("wave", name)) => format!("--wave {name}"),
        Some(("webhook", name)) => format!("--webhook {name}"),
        _ => "--all".to_string(),
    };
    let to = match rollback.goal.as_str() {
        "queue" => " --to queue",
        _ => "",
    };
    let drain = if rollback.drain { " --drain" } else { "" };
    format!("wavegate rollback {scope}{to}{drain}")
}
