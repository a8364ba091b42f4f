//! Carries a rollback out. It never waits before it acts: the fences are committed first and touch no row of the
//! operator's. Every stage may be repeated; nothing here needs NATS.

use std::{collections::BTreeMap, time::Duration};

use super::{
    redrive::{self, Redriven},
    survey::{Scope, Survey, change, settled},
};
use crate::engine::{
    barrier::{self, Patience},
    work::{self, Entering, Transaction, Work},
};
use crate::{
    error::{Error, Kind, Result},
    model::{
        Change, Confirmed, Entry, EntryKind, Goal, Passed, Progress, Routing, WaveStep, counted,
        journal::{Aim, Barrier, Fenced, Nothing, Rollback, RolledBack},
    },
    store::{
        fence,
        journal::{self, Line},
        lock::{self, Holder, Lock},
        scope,
    },
};

/// How the operator wants it done.
#[derive(Debug, Clone)]
pub struct Manner {
    pub patience: Patience,
    /// No fence and no re-drive: NATS workers finish what they have. For when no queue worker is alive; always so where
    /// foreign NATS workers deliver.
    pub drain: bool,
    /// How long to wait for another rollback.
    pub lock_patience: Duration,
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Undone {
    /// Fences that were not there before.
    pub fenced: usize,
    pub changes: Vec<Change>,
    /// Changed by somebody since they were shown; taken back all the same.
    pub drifted: Vec<String>,
    pub redriven: Redriven,
    pub barrier: Passed,
    /// Undelivered events of the scope that NATS still has to finish; only without a fence.
    pub draining: i64,
}

/// Fences, re-drive, flips, barrier, re-drive, and twice the assertion that no undelivered event lacks a queue row.
pub async fn carry_out(
    work: &Work<'_>,
    survey: &Survey,
    manner: &Manner,
    confirmed: Confirmed,
) -> Result<Undone> {
    let ids = survey.ids();
    let manner = &Manner {
        drain: manner.drain || survey.independent,
        ..manner.clone()
    };
    let mut undone = Undone {
        fenced: begin(work, survey, &ids, manner, confirmed).await?,
        changes: Vec::new(),
        drifted: Vec::new(),
        redriven: Redriven::default(),
        barrier: Passed::default(),
        draining: 0,
    };
    if !manner.drain {
        undone.redriven += redrive::once(work, &ids).await?;
    }
    let lock = lock::preempt(work.db, work.actor, manner.lock_patience, &|holder| {
        work.tell(Progress::Waiting { on: named(holder) });
    })
    .await
    .map_err(|error| {
        if manner.drain {
            error
        } else {
            error.hint(
                "the fences stand: NATS delivers nothing of it any more; run the rollback again",
            )
        }
    })?;
    (work.checkpoint)("rollback.lock")?;
    if !manner.drain {
        // Somebody who went forward may have cleared the fences before the lock was ours.
        let mut connection = work.db.pool().acquire().await?;
        fence::set(&mut connection, &ids, &reason(survey)).await?;
    }
    let outcome = flips(work, &lock, survey, manner, &ids, &mut undone).await;
    let released = lock.release().await;
    outcome
        .and(released)
        .map_err(|error| stands(error, manner))?;
    Ok(undone)
}

/// What holds although the rollback did not come to its end.
fn stands(error: Error, manner: &Manner) -> Error {
    if error.kind() != Kind::Failed {
        return error;
    }
    let error = match manner.drain {
        true => error.hint("what was changed stands; every path keeps working"),
        false => error.hint("the fences stand, and what was changed: NATS delivers nothing of it"),
    };
    error.hint("run the same command again: it goes on from here")
}

/// Intent and fences in one transaction that takes no lock but on rows that nobody else writes.
async fn begin(
    work: &Work<'_>,
    survey: &Survey,
    ids: &[i32],
    manner: &Manner,
    confirmed: Confirmed,
) -> Result<usize> {
    let mut tx = work.db.pool().begin().await?;
    let intent = Rollback {
        scope: survey.scope.to_string(),
        goal: survey.goal,
        ids: ids.to_vec(),
        drain: manner.drain,
        ignore: manner.patience.ignore.clone(),
        consent: confirmed.consent(),
    };
    let entry = Entry::RollbackIntent {
        before: Nothing {},
        after: intent,
    };
    note(&mut tx, work, survey, &entry).await?;
    (work.checkpoint)("tx.intent")?;
    let mut new = Vec::new();
    if !manner.drain {
        new = fence::set(&mut tx, ids, &reason(survey)).await?;
        (work.checkpoint)("tx.fence")?;
        let entry = Entry::RollbackFence {
            before: Nothing {},
            after: Fenced {
                fenced: new.clone(),
            },
        };
        note(&mut tx, work, survey, &entry).await?;
    }
    tx.commit().await?;
    (work.checkpoint)(EntryKind::RollbackFence.as_str())?;
    if !manner.drain {
        work.tell(Progress::Stands {
            what: format!(
                "{} fenced: NATS delivers nothing of {}; what NATS alone carried waits for its queue row",
                if ids.len() == 1 { "1 webhook is".to_string() } else { format!("{} webhooks are", ids.len()) },
                if ids.len() == 1 { "it" } else { "them" }
            ),
            rest: "it goes on with flip, barrier and re-drive".to_string(),
        });
    }
    work.tell(Progress::Note {
        text: if manner.drain {
            "no fence: NATS workers finish what they have".to_string()
        } else {
            format!(
                "fenced: NATS delivers none of {}",
                counted(ids.len(), "webhook")
            )
        },
    });
    Ok(new.len())
}

fn reason(survey: &Survey) -> String {
    format!("rollback of {}", survey.scope)
}

/// One line for each wave that goes back, or one for the scope.
async fn note(
    connection: &mut sqlx::PgConnection,
    work: &Work<'_>,
    survey: &Survey,
    entry: &Entry,
) -> Result<()> {
    let line = |wave, webhook_id| Line {
        migration_id: survey.migration.as_ref().map(|m| m.id),
        wave,
        webhook_id,
        ..Line::new(entry.clone())
    };
    if survey.waves.is_empty() {
        let webhook_id = match (&survey.scope, survey.changes.first()) {
            (Scope::Webhook(_), Some(change)) => Some(change.webhook_id),
            _ => None,
        };
        journal::append(connection, work.actor, &line(None, webhook_id)).await?;
    }
    for (wave, _) in &survey.waves {
        journal::append(connection, work.actor, &line(Some(wave), None)).await?;
    }
    Ok(())
}

async fn note_alone(work: &Work<'_>, survey: &Survey, entry: &Entry) -> Result<()> {
    let mut tx = work.db.pool().begin().await?;
    note(&mut tx, work, survey, entry).await?;
    tx.commit().await?;
    (work.checkpoint)(entry.kind().as_str())
}

async fn flips(
    work: &Work<'_>,
    lock: &Lock,
    survey: &Survey,
    manner: &Manner,
    ids: &[i32],
    undone: &mut Undone,
) -> Result<()> {
    let migration = survey.migration.as_ref();
    let enter: Vec<Entering> = survey
        .waves
        .iter()
        .map(|(wave, attempt)| Entering {
            wave: wave.clone(),
            step: WaveStep::RolledBack,
            share: 0,
            attempt: *attempt,
            anew: false,
        })
        .collect();
    let whole = match (&survey.scope, survey.waves.as_slice()) {
        (Scope::Wave(wave), _) => Some(wave.as_str()),
        _ => None,
    };
    let aim = Aim {
        goal: survey.goal,
        scope: survey.scope.to_string(),
    };
    let transaction = |decide, enter, done| Transaction {
        lock_id: lock.id(),
        migration_id: migration.map(|m| m.id),
        webhooks: ids,
        decide,
        enter,
        done: Line {
            migration_id: migration.map(|m| m.id),
            wave: whole,
            ..Line::new(done)
        },
        each: EntryKind::RollbackWebhook,
    };
    let back = |rows: &[Routing]| -> Result<Vec<Change>> {
        Ok(rows
            .iter()
            .map(|row| change(row.clone(), &survey.found, survey.goal, migration))
            .collect())
    };
    let flipped = Entry::RollbackFlip {
        before: Nothing {},
        after: aim.clone(),
    };
    undone.changes = work::commit(work, &transaction(&back, &enter, flipped)).await?;
    work.tell(Progress::Stands {
        what: format!(
            "{} taken back{}; events of transactions that began before may still lack their queue row",
            match ids.len() {
                1 => "1 webhook is".to_string(),
                many => format!("{many} webhooks are"),
            },
            if manner.drain { "" } else { " and fenced" }
        ),
        rest: "it goes on with barrier and re-drive".to_string(),
    });
    undone.drifted = drifted(&survey.changes, &undone.changes);
    undone.barrier = barrier::pass(work.db, &manner.patience, work.listener).await?;
    let passed = Entry::RollbackBarrier {
        before: Nothing {},
        after: Barrier {
            barrier: undone.barrier.clone(),
        },
    };
    note_alone(work, survey, &passed).await?;
    if survey.goal == Goal::Queue {
        let settle = |rows: &[Routing]| -> Result<Vec<Change>> {
            let rows = rows.iter().map(|row| Change {
                after: settled(&row.columns, survey.found.get(&row.webhook_id)),
                ..change(row.clone(), &survey.found, survey.goal, migration)
            });
            Ok(rows
                .filter(|change| change.before != change.after)
                .collect())
        };
        let settled = Entry::RollbackSettled {
            before: Nothing {},
            after: aim,
        };
        work::commit(work, &transaction(&settle, &[], settled)).await?;
    }
    if manner.drain {
        let left = scope::undelivered(work.db, ids).await?;
        undone.draining = left.values().map(|left| left.without_queue_row).sum();
    } else {
        undone.redriven +=
            redrive::until_accounted(work, ids, None, manner.patience.timeout).await?;
    }
    let done = Entry::RollbackDone {
        before: Nothing {},
        after: RolledBack {
            webhooks: undone.changes.len(),
            enqueued: undone.redriven.enqueued,
            pulled: undone.redriven.pulled,
            draining: undone.draining,
        },
    };
    note_alone(work, survey, &done).await
}

/// What somebody changed between the survey and the flip.
fn drifted(shown: &[Change], made: &[Change]) -> Vec<String> {
    let shown: BTreeMap<i32, &Change> = shown.iter().map(|c| (c.webhook_id, c)).collect();
    made.iter()
        .filter_map(|change| {
            let before = shown.get(&change.webhook_id)?;
            (before.epoch != change.epoch).then(|| {
                format!(
                    "{} ({}) was in {} with share {}, now in {} with share {}",
                    change.name,
                    change.webhook_id,
                    before.before.publish_mode,
                    before.before.nats_share,
                    change.before.publish_mode,
                    change.before.nats_share
                )
            })
        })
        .collect()
}

fn named(holder: &Holder) -> String {
    format!(
        "{} (pid {})",
        holder.command.as_deref().unwrap_or("another wavegate"),
        holder.pid
    )
}
