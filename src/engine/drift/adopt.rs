//! What somebody changed by hand stands from now on: a line of the journal for each webhook. One that is back in the queue counts as taken
//! back alone, and goes the way of every rollback, with its fence and its queue rows.

use std::{collections::BTreeMap, time::Duration};

use super::{Survey, nothing, released, still};
use crate::{
    engine::{
        back::{self, survey::Scope, undo::Manner},
        barrier::Patience,
        forward::prepare::as_shown,
        operator::{Operator, Scene},
        work::{self, Transaction, Work},
    },
    error::{Error, Result},
    model::{
        Ask, Change, Confirmed, Entry, EntryKind, Goal, Routing, WaveStep,
        drift::{Adoption, Drift},
        journal::{Adopt, Nothing},
    },
    store::{
        journal::{Actor, Line},
        lock::{self, Lock},
        scope,
    },
};

/// Another rollback is waited for so long.
const OTHER_ROLLBACK: Duration = Duration::from_secs(30);

/// May all of it stand? Refused as a whole, with each webhook that is where its wave is not.
pub fn check(shown: &Survey) -> Result<()> {
    if shown.drifts.is_empty() && shown.half_back.is_empty() {
        return Err(nothing(shown));
    }
    let refused: Vec<String> = with(shown, Adoption::Refused)
        .map(|one| {
            format!(
                "{}, and wave {} is {}",
                one.said(),
                one.wave,
                shown.step(&one.wave)
            )
        })
        .collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(
        Error::refused("NATS has more or less of these webhooks than of their waves, which go together; nothing was changed")
            .list(&refused)
            .hint("`wavegate restore` with the same scope puts back what wavegate wrote; a wave takes its steps by `wavegate apply`"),
    )
}

fn with(shown: &Survey, adoption: Adoption) -> impl Iterator<Item = &Drift> {
    let drifts = shown.drifts.iter();
    drifts.filter(move |one| one.adoption() == adoption)
}

/// What follows from it, in sentences.
pub fn follows(shown: &Survey) -> Vec<String> {
    let mut all: Vec<String> = with(shown, Adoption::TakenBack)
        .map(|one| {
            format!(
                "{0} is in the queue: it counts as taken back alone. It is fenced, what NATS alone has gets its queue row, wave {1} goes on without it, and `wavegate apply --wave {1} --resume` brings it back.",
                one.now.name, one.wave
            )
        })
        .collect();
    if !shown.half_back.is_empty() {
        all.push("The rollback that an earlier run began goes on.".to_string());
    }
    let mut waves: Vec<&str> = with(shown, Adoption::Stands)
        .map(|one| one.wave.as_str())
        .collect();
    waves.dedup();
    all.extend(waves.into_iter().map(|wave| match shown.step(wave) {
        WaveStep::Nats | WaveStep::Finished => {
            format!("Wave {wave} has no step left that writes these columns.")
        }
        WaveStep::Pending | WaveStep::Hybrid(_) | WaveStep::RolledBack => {
            format!(
                "The next step of wave {wave} writes again what the plan says: change the plan too."
            )
        }
    }));
    all
}

/// Lets it stand. `operator` sees each rollback; it has agreed already.
pub async fn carry_out<O: Operator>(
    work: &Work<'_>,
    shown: &Survey,
    patience: &Patience,
    operator: &O,
    confirmed: Confirmed,
) -> Result<()> {
    check(shown)?;
    if !shown.drifts.is_empty() {
        let lock = lock::acquire(work.db, work.actor).await?;
        let outcome = note(work, &lock, shown, confirmed).await;
        released(lock, outcome).await?;
    }
    let mut back: BTreeMap<i32, String> = BTreeMap::new();
    for id in &shown.half_back {
        let name = shown.migration.names.get(id).cloned();
        back.insert(*id, name.unwrap_or_default());
    }
    for one in with(shown, Adoption::TakenBack) {
        back.insert(one.now.webhook_id, one.now.name.clone());
    }
    for (id, name) in back {
        take_back(
            work,
            id,
            &name,
            patience,
            &Agreed {
                operator,
                confirmed,
            },
        )
        .await?;
    }
    Ok(())
}

/// The lines of what stands, where all is as it was shown.
async fn note(work: &Work<'_>, lock: &Lock, shown: &Survey, confirmed: Confirmed) -> Result<()> {
    still(work.db, shown).await?;
    let wrote: BTreeMap<i32, &Drift> = with(shown, Adoption::Stands)
        .map(|one| (one.now.webhook_id, one))
        .collect();
    let as_it_is: Vec<Change> = shown.drifts.iter().map(Drift::adopted).collect();
    let decide = |rows: &[Routing]| -> Result<Vec<Change>> {
        let changes = as_shown(&as_it_is, rows)?.into_iter();
        Ok(changes
            .filter_map(|change| {
                let before = wrote.get(&change.webhook_id)?.wrote.clone();
                Some(Change { before, ..change })
            })
            .collect())
    };
    let ids: Vec<i32> = as_it_is.iter().map(|change| change.webhook_id).collect();
    let taken_back = with(shown, Adoption::TakenBack);
    let done = Entry::DriftAdopt {
        before: Nothing {},
        after: Adopt {
            scope: shown.scope.to_string(),
            ids: wrote.keys().copied().collect(),
            taken_back: taken_back.map(|one| one.now.webhook_id).collect(),
            consent: confirmed.consent(),
        },
    };
    let transaction = Transaction {
        lock_id: lock.id(),
        migration_id: Some(shown.migration.id),
        webhooks: &ids,
        decide: &decide,
        enter: &[],
        done: Line {
            migration_id: Some(shown.migration.id),
            ..Line::new(done)
        },
        each: EntryKind::DriftAdopted,
    };
    work::commit(work, &transaction).await.map(drop)
}

/// As `wavegate rollback --webhook NAME --to queue` does it, and under that name: another rollback waits for it.
async fn take_back<O: Operator>(
    work: &Work<'_>,
    id: i32,
    name: &str,
    patience: &Patience,
    operator: &O,
) -> Result<()> {
    let word = match scope::named(work.db, name).await {
        Ok(found) if found == id => name.to_string(),
        _ => format!("id:{id}"),
    };
    let actor = Actor {
        command: format!(
            "{}: wavegate rollback --webhook {word} --to queue",
            work.actor.command
        ),
        ..work.actor.clone()
    };
    let request = back::Request {
        scope: Scope::Webhook(word),
        goal: Goal::Queue,
        with_schema: false,
        manner: Manner {
            patience: patience.clone(),
            drain: false,
            lock_patience: OTHER_ROLLBACK,
        },
        dry_run: false,
    };
    let work = Work {
        actor: &actor,
        ..*work
    };
    back::rollback(&work, &request, operator).await.map(drop)
}

/// Sees what there is to see, and has agreed.
struct Agreed<'a, O> {
    operator: &'a O,
    confirmed: Confirmed,
}

impl<O: Operator> Operator for Agreed<'_, O> {
    fn see(&self, scene: &Scene<'_>) {
        self.operator.see(scene);
    }

    async fn agree(&self, _: &str, _: Ask) -> Result<Confirmed> {
        Ok(self.confirmed)
    }
}
