//! What was begun and did not come to its end, each with the command that goes on: killed, or cut off from PostgreSQL.

use chrono::{DateTime, Utc};

use super::story;
use crate::{
    error::{Error, Result},
    model::{
        Cause, Goal, Look, Mode,
        journal::{FlipStatus, Rollback},
        typed,
    },
    store::{Db, state::Migration},
};

/// One of them.
#[derive(Debug, Clone)]
pub enum Unfinished {
    /// Flipped, and its barrier or checks are not done.
    Flip { wave: String, to: Mode },
    Rollback {
        intent: Rollback,
        who: String,
        host: String,
        at: DateTime<Utc>,
    },
    /// Webhooks of the wave were put back, and the barrier behind it is not passed.
    Restore { wave: String },
    /// Nobody can say: the journal is not what it was.
    Unclear(String),
}

/// All that are unfinished now. Worth asking only while nobody holds the lock.
pub async fn read(db: &Db, migration: Option<&Migration>) -> Result<Vec<Unfinished>> {
    let stories = story::read(db, None).await?;
    let mut all: Vec<Unfinished> = stories
        .rollbacks()
        .into_iter()
        .map(|(intent, row)| Unfinished::Rollback {
            intent: intent.clone(),
            who: row.who.clone(),
            host: row.host.clone(),
            at: row.at,
        })
        .collect();
    let unclear = stories.unclear().map(str::to_string);
    all.extend(unclear.map(Unfinished::Unclear));
    for (migration, wave) in migration
        .iter()
        .flat_map(|m| m.waves.iter().map(move |w| (m, w)))
    {
        if stories.restored(migration.id, &wave.name) {
            all.push(Unfinished::Restore {
                wave: wave.name.clone(),
            });
        }
        if let FlipStatus::Done(target) | FlipStatus::PastBarrier(target) =
            stories.flip(migration.id, &wave.name)
        {
            all.push(Unfinished::Flip {
                wave: wave.name.clone(),
                to: target.to,
            });
        }
    }
    Ok(all)
}

impl Unfinished {
    /// The wave that it is about, where it is one.
    pub fn wave(&self) -> Option<&str> {
        match self {
            Unfinished::Flip { wave, .. } | Unfinished::Restore { wave } => Some(wave),
            Unfinished::Rollback { intent, .. } => intent.scope.strip_prefix("wave "),
            Unfinished::Unclear(_) => None,
        }
    }

    /// Why nothing else may begin.
    pub fn refusal(&self) -> Error {
        let look = self.look();
        let error = Error::refused(format!("{}; nothing was changed", look.text));
        match look.command {
            Some(command) => error.hint(format!("bring it to its end first: `{command}`")),
            None => error,
        }
    }

    /// What needs a look about it.
    pub fn look(&self) -> Look {
        match self {
            Unfinished::Flip { wave, to } => Look::new(
                Cause::Unfinished,
                format!("wave {wave} was flipped to {to}, and its barrier and checks are not done"),
            )
            .command(format!("wavegate apply --wave {wave}")),
            Unfinished::Restore { wave } => Look::new(
                Cause::Unfinished,
                format!(
                    "webhooks of wave {wave} were put back, and the barrier behind it is not passed"
                ),
            )
            .command(format!("wavegate restore --wave {wave}")),
            Unfinished::Unclear(why) => {
                Look::new(Cause::Unfinished, why.clone()).command("wavegate history")
            }
            Unfinished::Rollback {
                intent,
                who,
                host,
                at,
            } => Look::new(
                Cause::Unfinished,
                format!(
                    "the rollback of {} that {who} began on {host} is not done",
                    intent.scope
                ),
            )
            .since(*at)
            .command(command(intent)),
        }
    }
}

fn command(rollback: &Rollback) -> String {
    let scope = match rollback.scope.split_once(' ') {
        Some(("wave", name)) => format!("--wave {name}"),
        Some(("webhook", name)) => format!("--webhook {}", typed::word(name)),
        _ => "--all".to_string(),
    };
    let to = match rollback.goal {
        Goal::Queue => " --to queue",
        Goal::Both => "",
    };
    let drain = if rollback.drain { " --drain" } else { "" };
    format!("wavegate rollback {scope}{to}{drain}")
}
