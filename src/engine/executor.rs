//! Carries one step of a wave out: intent, fences away, one transaction, barrier, checks. Every stage leaves a line in the
//! journal, from which a repeated command learns where to go on.

use super::{
    barrier::{self, Patience},
    moving,
    prepare::{Prepared, as_shown},
    work::{self, Entering, Transaction, Work},
};
use crate::{
    error::{Error, Kind, Result},
    model::{Confirmed, Mode, Progress, WaveStep, counted},
    store::{
        Db,
        barrier::Passed,
        drain::{self, Drain},
        fence,
        flip::{self, Routes},
        journal::{self, Line},
        lock::Lock,
        state::{self, Migration},
    },
};
use serde_json::{Value, json};

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
    pub to: Mode,
    pub webhooks: Vec<i32>,
    past_barrier: bool,
    move_waiting: bool,
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
    let before = json!({ "step": step.from, "webhooks": ids.len() });
    let after = json!({
        "to": step.to, "attempt": step.attempt, "joins": step.joins, "ids": ids, "move_waiting": step.move_waiting, "consent": format!("{:?}", confirmed.consent()).to_lowercase(),
    });
    let line = |name: &'static str| Line {
        migration_id: Some(migration.id),
        wave: Some(&step.wave),
        before: before.clone(),
        after: after.clone(),
        ..Line::new(name)
    };
    work.note(&line("flip.intent")).await?;
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
            done: line("flip.done"),
            each: "flip.webhook",
        },
    )
    .await?;
    work.tell(Progress::End {
        what: format!("{}: flipped to {}", step.wave, step.to),
    });
    let unfinished = Unfinished {
        wave: step.wave.clone(),
        to: step.to,
        webhooks: ids,
        past_barrier: false,
        move_waiting: step.move_waiting,
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
        before: json!({ "fenced": gone }),
        ..Line::new("fence.cleared")
    };
    journal::append(&mut tx, work.actor, &line).await?;
    tx.commit().await?;
    (work.checkpoint)("fence.cleared")
}

/// Is there a step of this migration that was begun and not ended?
pub async fn unfinished(db: &Db, migration: &Migration) -> Result<Option<Unfinished>> {
    for wave in &migration.waves {
        let Some((step, after)) = flip::newest(db, migration.id, &wave.name).await? else {
            continue;
        };
        let past_barrier = match step.as_str() {
            "flip.done" => false,
            "flip.barrier" => true,
            // Before the transaction nothing had changed; a rollback makes the flip moot.
            _ => continue,
        };
        return Ok(Some(Unfinished {
            wave: wave.name.clone(),
            to: read_mode(&after)?,
            webhooks: serde_json::from_value(after["ids"].clone()).map_err(|cause| {
                Error::failed("the journal has a flip without webhooks").because(&cause)
            })?,
            past_barrier,
            move_waiting: after["move_waiting"] == true,
        }));
    }
    Ok(None)
}

fn read_mode(after: &Value) -> Result<Mode> {
    serde_json::from_value(after["to"].clone())
        .map_err(|cause| Error::failed("the journal has a flip without its target").because(&cause))
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
    let target = json!({ "to": step.to, "ids": step.webhooks, "move_waiting": step.move_waiting });
    let line = |name: &'static str, more: Value| Line {
        migration_id: Some(migration.id),
        wave: Some(&step.wave),
        before: more,
        after: target.clone(),
        ..Line::new(name)
    };
    work.tell(Progress::Stands {
        what: format!(
            "wave {} is flipped to {}; every path keeps working",
            step.wave, step.to
        ),
        rest: "it goes on with barrier and checks".to_string(),
    });
    let mut passed = Passed::default();
    if !step.past_barrier {
        passed = barrier::pass(work.db, patience, work.listener).await?;
        let passed = line("flip.barrier", json!({ "barrier": passed }));
        work.note_locked(lock, &passed).await?;
    }
    let mut outcome = Outcome {
        wave: step.wave.clone(),
        to: step.to,
        webhooks: step.webhooks.clone(),
        barrier: passed,
        routes: None,
        drain: None,
        moved: None,
    };
    match step.to {
        Mode::Both(_) => {
            let routes = flip::routes(work.db, &step.webhooks).await?;
            if routes.broken > 0 {
                return Err(Error::failed(format!(
                    "wave {} is in {}, but {} undelivered events lack a route that they should have",
                    step.wave, step.to, routes.broken
                ))
                .hint(format!("`wavegate rollback --wave {}` gives each its queue row", step.wave))
                .hint("has somebody deleted rows of the queue or of rule_nats_outbox?"));
            }
            outcome.routes = Some(routes);
        }
        Mode::Nats => {
            if step.move_waiting {
                outcome.moved =
                    Some(moving::all(work, migration.id, &step.wave, &step.webhooks).await?);
            }
            outcome.drain = Some(drain::remaining(work.db, &step.webhooks).await?);
        }
        Mode::Queue => {}
    }
    let checked = line(
        "flip.checked",
        json!({ "routes": outcome.routes, "drain": outcome.drain, "moved": outcome.moved }),
    );
    work.note_locked(lock, &checked).await?;
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
        before: json!({ "step": status.step }),
        ..Line::new("wave.finished")
    };
    journal::append(&mut tx, work.actor, &line).await?;
    tx.commit().await?;
    Ok(())
}
