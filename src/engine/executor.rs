//! Carries one step of a wave out: intent, fences away, one transaction, barrier, checks. Every stage leaves a line in the
//! journal, from which a repeated command learns where to go on.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    barrier::{self, Patience},
    planner::Step,
    work::{self, Entering, Transaction, Work},
};
use crate::{
    error::{Error, Result},
    model::{Confirmed, Mode, Progress, PublishMode, WaveStep, Webhook},
    plan::Plan,
    store::{
        Db,
        barrier::Passed,
        drain::{self, Drain},
        fence,
        flip::{self, Change, Columns, Routes, Routing},
        journal::{self, Line},
        lock::Lock,
        nats_config,
        state::{self, Migration},
    },
};

/// One step, ready to be shown and carried out.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub wave: String,
    pub from: WaveStep,
    pub to: Mode,
    pub attempt: i32,
    /// With the epochs that were read; the transaction insists on them.
    pub changes: Vec<Change>,
    /// Of `changes`, the webhooks whose fence goes first.
    pub fenced: Vec<i32>,
    /// Members that stay where they are since they were taken back one by one.
    pub held_back: Vec<Routing>,
}

/// How a step went.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub wave: String,
    pub to: Mode,
    pub webhooks: Vec<i32>,
    pub barrier: Passed,
    pub routes: Option<Routes>,
    pub drain: Option<Drain>,
}

/// A step whose flip is committed and whose barrier or checks are not done.
#[derive(Debug, Clone)]
pub struct Unfinished {
    pub wave: String,
    pub to: Mode,
    pub webhooks: Vec<i32>,
    past_barrier: bool,
}

/// Reads the rows of a step and works out what becomes of them. `resume` takes fenced members along.
pub async fn prepare(
    db: &Db,
    plan: &Plan,
    webhooks: &[Webhook],
    step: &Step,
    attempt: i32,
    resume: bool,
) -> Result<Prepared> {
    let wave = plan
        .wave(&step.wave)
        .ok_or_else(|| Error::usage(format!("the plan has no wave {}", step.wave)))?;
    let rows = flip::read(db, &step.webhooks).await?;
    let fenced = fence::standing(db, &step.webhooks).await?;
    let config_id = nats_config::load(db, &plan.nats().config).await?.config_id;
    let by_id: BTreeMap<i32, &Webhook> = webhooks.iter().map(|w| (w.id, w)).collect();
    let takeover = i32::try_from(wave.takeover_after.as_millis()).unwrap_or(i32::MAX);
    let mut changes = Vec::new();
    let mut held_back = Vec::new();
    for row in rows {
        if !resume && fenced.contains(&row.webhook_id) {
            held_back.push(row);
            continue;
        }
        let webhook = by_id.get(&row.webhook_id).ok_or_else(|| {
            Error::refused(format!("webhook {} has just appeared", row.webhook_id))
                .hint("run the command again")
        })?;
        let subject = plan.nats().subject.render(webhook).map_err(|why| {
            Error::refused(format!("webhook {} ({}): {why}", webhook.id, webhook.name))
                .hint("choose another subject template in the plan (nats.subject)")
        })?;
        let after = forward(&row.columns, step.to, subject, config_id, takeover);
        changes.push(Change {
            webhook_id: row.webhook_id,
            name: row.name,
            enabled: row.enabled,
            wave: Some(step.wave.clone()),
            epoch: row.epoch,
            before: row.columns,
            after,
        });
    }
    if !resume {
        in_place(&step.wave, step.from, &changes)?;
    }
    let fenced = if resume { fenced } else { Vec::new() };
    Ok(Prepared {
        wave: step.wave.clone(),
        from: step.from,
        to: step.to,
        attempt,
        changes,
        fenced,
        held_back,
    })
}

/// The columns of a webhook one step further.
fn forward(now: &Columns, to: Mode, subject: String, config_id: i32, takeover: i32) -> Columns {
    Columns {
        publish_mode: to.publish_mode(),
        nats_enabled: true,
        nats_subject: Some(subject),
        nats_config_id: Some(config_id),
        nats_share: match to {
            Mode::Both(share) => share.percent().into(),
            // What is left in the queue stays with the arm that it was given to.
            Mode::Nats | Mode::Queue => now.nats_share,
        },
        nats_takeover_after_ms: takeover,
    }
}

/// Somebody may have moved webhooks by hand since the last step: then the next one would not be the step that it looks like.
fn in_place(wave: &str, from: WaveStep, changes: &[Change]) -> Result<()> {
    let wanted = |columns: &Columns| match from {
        WaveStep::Hybrid(share) => {
            columns.publish_mode == PublishMode::Both && columns.nats_share == i16::from(share)
        }
        WaveStep::Nats | WaveStep::Finished => columns.publish_mode == PublishMode::Nats,
        WaveStep::Pending | WaveStep::RolledBack => true,
    };
    let astray: Vec<String> = changes
        .iter()
        .filter(|change| !wanted(&change.before))
        .map(|change| {
            format!(
                "{} ({}) is in {} with share {}",
                change.name,
                change.webhook_id,
                change.before.publish_mode,
                change.before.nats_share
            )
        })
        .collect();
    if astray.is_empty() {
        return Ok(());
    }
    Err(drift(
        &format!("wave {wave} is {from}, but not all of it"),
        &astray,
    )
    .hint(
        "put these webhooks back by hand, or take them back with `wavegate rollback --webhook NAME`",
    ))
}

/// Says what moved; long lists are cut.
fn drift(what: &str, lines: &[String]) -> Error {
    let mut error = Error::refused(format!("{what}; nothing was changed"));
    for line in lines.iter().take(10) {
        error = error.detail(line.clone());
    }
    if lines.len() > 10 {
        error = error.detail(format!("and {} more", lines.len() - 10));
    }
    error
}

/// What the transaction finds must be what was shown.
fn as_shown(shown: &[Change], rows: &[Routing]) -> Result<Vec<Change>> {
    let found: BTreeMap<i32, &Routing> = rows.iter().map(|row| (row.webhook_id, row)).collect();
    let mut moved = Vec::new();
    let mut changes = Vec::new();
    for change in shown {
        match found.get(&change.webhook_id) {
            Some(row) if row.epoch == change.epoch => changes.push(Change {
                before: row.columns.clone(),
                ..change.clone()
            }),
            Some(row) => moved.push(format!(
                "{} ({}): epoch {} -> {}, {} share {} -> {} share {}",
                change.name,
                change.webhook_id,
                change.epoch,
                row.epoch,
                change.before.publish_mode,
                change.before.nats_share,
                row.columns.publish_mode,
                row.columns.nats_share
            )),
            // Deleted meanwhile: there is nothing left to flip.
            None => {}
        }
    }
    if moved.is_empty() {
        Ok(changes)
    } else {
        Err(drift(
            "somebody changed these webhooks since they were read",
            &moved,
        )
        .hint("look at `wavegate plan`, then run the command again"))
    }
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
        "to": step.to, "attempt": step.attempt, "ids": ids, "consent": format!("{:?}", confirmed.consent()).to_lowercase(),
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
        what: format!("{}: {} webhooks -> {}", step.wave, ids.len(), step.to),
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
    };
    complete(work, migration, unfinished, patience).await
}

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
    migration: &Migration,
    step: Unfinished,
    patience: &Patience,
) -> Result<Outcome> {
    let target = json!({ "to": step.to, "ids": step.webhooks });
    let line = |name: &'static str, more: Value| Line {
        migration_id: Some(migration.id),
        wave: Some(&step.wave),
        before: more,
        after: target.clone(),
        ..Line::new(name)
    };
    let mut passed = Passed::default();
    if !step.past_barrier {
        passed = barrier::pass(work.db, patience, work.listener).await?;
        work.note(&line("flip.barrier", json!({ "barrier": passed })))
            .await?;
    }
    let mut outcome = Outcome {
        wave: step.wave.clone(),
        to: step.to,
        webhooks: step.webhooks.clone(),
        barrier: passed,
        routes: None,
        drain: None,
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
        Mode::Nats => outcome.drain = Some(drain::remaining(work.db, &step.webhooks).await?),
        Mode::Queue => {}
    }
    work.note(&line(
        "flip.checked",
        json!({ "routes": outcome.routes, "drain": outcome.drain }),
    ))
    .await?;
    Ok(outcome)
}

/// Waits until the queue of these webhooks is seen empty twice, or time is up.
pub async fn wait_drained(work: &Work<'_>, webhooks: &[i32], wait: Duration) -> Result<Drain> {
    let end = Instant::now() + wait;
    let mut empty = 0;
    loop {
        let now = drain::remaining(work.db, webhooks).await?;
        empty = if now.is_empty() { empty + 1 } else { 0 };
        if empty == 2 || Instant::now() > end {
            return Ok(now);
        }
        if empty == 0 {
            work.tell(Progress::Waiting {
                on: format!("the queue: {} calls left", now.left()),
            });
        }
        sleep(Duration::from_millis(500).min(wait)).await;
    }
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
