//! Closes a migration: one whose webhooks are all in NATS with their waves, or back. Its history stays, and another plan may begin.

use serde::Serialize;

use super::{Work, unfinished};
use crate::{
    error::{Error, Result},
    model::{
        Confirmed, Entry, WaveStatus, WaveStep, counted,
        journal::{Closing, Waves},
    },
    plan::{Plan, SubjectTemplate},
    store::{
        Db,
        closing::{self, NotBack},
        journal::{self, Line},
        lock::{self, Lock},
        schema::DefaultMode,
        state::Migration,
    },
};

/// How a migration ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// Every wave that has webhooks is in NATS, whether its watch is over or not.
    Finished,
    /// Some were never moved, or are back in the queue.
    Abandoned,
}

impl Ending {
    pub fn as_str(self) -> &'static str {
        match self {
            Ending::Finished => "finished",
            Ending::Abandoned => "abandoned",
        }
    }
}

/// May it be closed? Refused with what is half done, and with every webhook between the paths.
pub async fn survey(db: &Db, migration: &Migration) -> Result<Ending> {
    if let Some(half) = unfinished::read(db, Some(migration)).await?.first() {
        return Err(half.refusal());
    }
    let left = closing::not_back(db, migration.id).await?;
    if left.is_empty() {
        let in_nats = |wave: &WaveStatus| {
            wave.members == 0 || matches!(wave.step, WaveStep::Nats | WaveStep::Finished)
        };
        return Ok(match migration.waves.iter().all(in_nats) {
            true => Ending::Finished,
            false => Ending::Abandoned,
        });
    }
    let error = Error::refused(format!(
        "migration {} cannot be closed: {} of its webhooks {} between the paths; nothing was changed",
        migration.name,
        left.len(),
        if left.len() == 1 { "is" } else { "are" }
    ));
    let each: Vec<String> = left.iter().map(said).collect();
    Err(error
        .list(&each)
        .hint("take them back first: `wavegate rollback --all --to queue`; or bring their waves to `nats`"))
}

fn said(one: &NotBack) -> String {
    let events = match one.nats_alone {
        0 => String::new(),
        some => format!(
            ", {} without a queue row",
            counted(some, "undelivered event")
        ),
    };
    format!(
        "{} ({}) of wave {} is in {}{events}",
        one.webhook_name, one.webhook_id, one.wave, one.publish_mode
    )
}

/// What lets webhooks made later begin in NATS, for the owner of the tables: where all that there are is in NATS, and goes to the subject
/// that publishing takes for a webhook without one.
pub fn default_mode(db: &Db, migration: &Migration, ending: Ending) -> Option<String> {
    let plan = Plan::parse(&migration.plan).ok()?;
    let by_id = plan.nats().subject == SubjectTemplate::by_id();
    (ending == Ending::Finished && by_id).then(|| DefaultMode::Nats.statement(db.shape()))
}

/// Ends it, in one transaction. Answers with the webhooks whose fences went with it.
pub async fn carry_out(
    work: &Work<'_>,
    lock: &Lock,
    migration: &Migration,
    ending: Ending,
    why: Option<&str>,
    confirmed: Confirmed,
) -> Result<Vec<i32>> {
    if survey(work.db, migration).await? != ending {
        return Err(
            Error::refused("a wave has moved meanwhile; nothing was changed")
                .hint("run the command again"),
        );
    }
    let mut tx = work.db.pool().begin().await?;
    lock::verify(&mut tx, lock.id()).await?;
    let Some(unfenced) = closing::close(&mut tx, migration.id, ending.as_str()).await? else {
        return Err(Error::refused(format!(
            "migration {} is closed already",
            migration.name
        )));
    };
    let waves = migration.waves.iter();
    let line = Line {
        migration_id: Some(migration.id),
        ..Line::new(Entry::MigrationClosed {
            before: Waves {
                name: migration.name.clone(),
                waves: waves.map(|wave| (wave.name.clone(), wave.step)).collect(),
            },
            after: Closing {
                status: ending.as_str().to_string(),
                why: why.map(str::to_string),
                unfenced: unfenced.clone(),
                consent: confirmed.consent(),
            },
        })
    };
    journal::append(&mut tx, work.actor, &line).await?;
    tx.commit().await?;
    (work.checkpoint)(line.entry.kind().as_str())?;
    Ok(unfenced)
}
