//! Carries one step of a wave out: intent, fences away, one transaction, barrier, checks. Every stage leaves a line in the
//! journal, from which a repeated command learns where to go on.

use super::{
    moving,
    prepare::{Prepared, as_shown},
};
use crate::engine::{
    barrier::{self, Patience},
    story,
    work::{self, Entering, Transaction, Work},
};
use crate::{
    error::{Error, Kind, Result},
    model::{
        Confirmed, Drain, Entry, EntryKind, Mode, Passed, Progress, Routes, WaveStep, counted,
        journal::{Barrier, Checks, Fenced, Flip, FlipStatus, Leaving, Left, Nothing, Target},
    },
    store::{
        Db, drain, fence, flip,
        journal::{self, Line},
        lock::Lock,
        state::{self, Migration},
    },
};

/// How a step went.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub wave: String,
    pub to: Mode,
    pub webhooks: Vec<i32>,
    pub barrier: Passed,
    pub routes: Option<Routes>,
    pub drain: Option<Drain>,
    /// Waiting queue rows that went to NATS, where that was asked for.
    pub moved: Option<i64>,
}

/// A step whose flip is committed and whose barrier or checks are not done.
#[derive(Debug, Clone)]
pub struct Unfinished {
    pub wave: String,
    pub target: Target,
    past_barrier: bool,
}

/// Carries the step out to its end.
pub async fn carry_out(
    work: &Work<'_>,
    lock: &Lock,
    migration: &Migration,
    step: &Prepared,
    patience: &Patience,
    confirmed: Confirmed,
) -> Result<Outcome> {
    let ids: Vec<i32> = step
        .changes
        .iter()
        .map(|change| change.webhook_id)
        .collect();
    let target = Target {
        to: step.to,
        ids: ids.clone(),
        move_waiting: step.move_waiting,
    };
    let before = Leaving {
        step: step.from,
        webhooks: ids.len(),
    };
    let after = Flip {
        target: target.clone(),
        attempt: step.attempt,
        joins: step.joins,
        consent: confirmed.consent(),
    };
    let line = |entry| Line {
        migration_id: Some(migration.id),
        wave: Some(&step.wave),
        ..Line::new(entry)
    };
    let intent = Entry::FlipIntent {
        before: before.clone(),
        after: after.clone(),
    };
    work.note(&line(intent)).await?;
    clear_fences(work, lock, migration.id, step).await?;
    work.tell(Progress::Begin {
        what: format!(
            "{}: {} -> {}",
            step.wave,
            counted(ids.len(), "webhook"),
            step.to
        ),
        total: None,
    });
    work::commit(
        work,
        &Transaction {
            lock_id: lock.id(),
            migration_id: Some(migration.id),
            webhooks: &ids,
            decide: &|rows| as_shown(&step.changes, rows),
            enter: &[entering(step)],
            done: line(Entry::FlipDone { before, after }),
            each: EntryKind::FlipWebhook,
        },
    )
    .await?;
    work.tell(Progress::End {
        what: format!("{}: flipped to {}", step.wave, step.to),
    });
    let unfinished = Unfinished {
        wave: step.wave.clone(),
        target,
        past_barrier: false,
    };
    complete(work, lock, migration, unfinished, patience).await
}

/// Those who come back make the wave's step begin anew: its time, and what is counted of it. So nobody gets less than a whole
/// soak, and nothing counts of the time when NATS might not deliver.
fn entering(step: &Prepared) -> Entering {
    let (wave_step, share) = match (step.to, step.from) {
        (Mode::Both(share), _) => (WaveStep::Hybrid(share.percent()), share.percent()),
        (_, WaveStep::Hybrid(share)) => (WaveStep::Nats, share),
        _ => (WaveStep::Nats, 100),
    };
    Entering {
        wave: step.wave.clone(),
        step: wave_step,
        share,
        attempt: step.attempt,
        anew: step.joins,
    }
}

/// Going forward clears the fence as a step of its own.
async fn clear_fences(
    work: &Work<'_>,
    lock: &Lock,
    migration_id: i32,
    step: &Prepared,
) -> Result<()> {
    if step.fenced.is_empty() {
        return Ok(());
    }
    let mut tx = work.db.pool().begin().await?;
    crate::store::lock::verify(&mut tx, lock.id()).await?;
    let gone = fence::clear(&mut tx, &step.fenced).await?;
    (work.checkpoint)("tx.unfence")?;
    let line = Line {
        migration_id: Some(migration_id),
        wave: Some(&step.wave),
        ..Line::new(Entry::FenceCleared {
            before: Fenced { fenced: gone },
            after: Nothing {},
        })
    };
    journal::append(&mut tx, work.actor, &line).await?;
    tx.commit().await?;
    (work.checkpoint)(line.entry.kind().as_str())
}

/// Is there a step of this migration that was begun and not ended?
pub async fn unfinished(db: &Db, migration: &Migration) -> Result<Option<Unfinished>> {
    let stories = story::read(db, Some(migration.id)).await?.checked()?;
    Ok(migration.waves.iter().find_map(|wave| {
        // Before the transaction nothing had changed; a rollback makes the flip moot.
        let (target, past_barrier) = match stories.flip(migration.id, &wave.name) {
            FlipStatus::None | FlipStatus::Intended => return None,
            FlipStatus::Done(target) => (target, false),
            FlipStatus::PastBarrier(target) => (target, true),
        };
        Some(Unfinished {
            wave: wave.name.clone(),
            target: target.clone(),
            past_barrier,
        })
    }))
}

/// Barrier and checks of a committed flip.
pub async fn complete(
    work: &Work<'_>,
    lock: &Lock,
    migration: &Migration,
    step: Unfinished,
    patience: &Patience,
) -> Result<Outcome> {
    checked(work, lock, migration, step, patience)
        .await
        .map_err(|error| match error.kind() {
            Kind::Failed => error
                .hint("the flip is committed and stands; every path keeps working")
                .hint("run the same command again: it goes on from here"),
            _ => error,
        })
}

async fn checked(
    work: &Work<'_>,
    lock: &Lock,
    migration: &Migration,
    step: Unfinished,
    patience: &Patience,
) -> Result<Outcome> {
    let Unfinished {
        wave,
        target,
        past_barrier,
    } = step;
    let line = |entry| Line {
        migration_id: Some(migration.id),
        wave: Some(&wave),
        ..Line::new(entry)
    };
    work.tell(Progress::Stands {
        what: format!(
            "wave {wave} is flipped to {}; every path keeps working",
            target.to
        ),
        rest: "it goes on with barrier and checks".to_string(),
    });
    let mut passed = Passed::default();
    if !past_barrier {
        passed = barrier::pass(work.db, patience, work.listener).await?;
        let entry = Entry::FlipBarrier {
            before: Barrier {
                barrier: passed.clone(),
            },
            after: target.clone(),
        };
        work.note_locked(lock, &line(entry)).await?;
    }
    let mut outcome = Outcome {
        wave: wave.clone(),
        to: target.to,
        webhooks: target.ids.clone(),
        barrier: passed,
        routes: None,
        drain: None,
        moved: None,
    };
    match target.to {
        Mode::Both(_) => {
            let routes = flip::routes(work.db, &target.ids).await?;
            if routes.broken > 0 {
                return Err(Error::failed(format!(
                    "wave {wave} is in {}, but {} undelivered events lack a route that they should have",
                    target.to, routes.broken
                ))
                .hint(format!("`wavegate rollback --wave {wave}` gives each its queue row"))
                .hint("has somebody deleted rows of the queue or of rule_nats_outbox?"));
            }
            outcome.routes = Some(routes);
        }
        Mode::Nats => {
            if target.move_waiting {
                outcome.moved = Some(moving::all(work, migration.id, &wave, &target.ids).await?);
            }
            outcome.drain = Some(drain::remaining(work.db, &target.ids).await?);
        }
        Mode::Queue => {}
    }
    let checked = Entry::FlipChecked {
        before: Checks {
            routes: outcome.routes,
            drain: outcome.drain.clone(),
            moved: outcome.moved,
        },
        after: target,
    };
    work.note_locked(lock, &line(checked)).await?;
    Ok(outcome)
}

/// A wave that has been watched long enough is finished; nothing else changes.
pub async fn finish(
    work: &Work<'_>,
    lock: &Lock,
    migration: &Migration,
    wave: &str,
    _: Confirmed,
) -> Result<()> {
    let status = migration
        .wave(wave)
        .ok_or_else(|| Error::usage(format!("there is no wave {wave}")))?;
    let mut tx = work.db.pool().begin().await?;
    crate::store::lock::verify(&mut tx, lock.id()).await?;
    state::enter(
        &mut tx,
        migration.id,
        wave,
        WaveStep::Finished,
        100,
        status.attempt,
        false,
    )
    .await?;
    let line = Line {
        migration_id: Some(migration.id),
        wave: Some(wave),
        ..Line::new(Entry::WaveFinished {
            before: Left { step: status.step },
            after: Nothing {},
        })
    };
    journal::append(&mut tx, work.actor, &line).await?;
    tx.commit().await?;
    Ok(())
}
