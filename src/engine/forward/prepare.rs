//! One step of a wave, worked out before it is shown: which rows, what becomes of them, and whether they are where they
//! should be.

use std::collections::BTreeMap;

use super::choice::Flip;
use crate::engine::planner::Snapshot;
use crate::{
    error::{Error, Result},
    model::{Change, Columns, Mode, PublishMode, Routing, WaveStep, Webhook},
    plan::Plan,
    store::{Db, fence, flip, nats_config},
};

/// One step, ready to be shown and carried out.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub wave: String,
    pub from: WaveStep,
    pub to: Mode,
    pub attempt: i32,
    /// Members that were taken back alone come to where their wave is; the wave itself takes no step.
    pub joins: bool,
    /// With the epochs that were read; the transaction insists on them.
    pub changes: Vec<Change>,
    /// Of `changes`, the webhooks whose fence goes first.
    pub fenced: Vec<i32>,
    /// Members that stay where they are since they were taken back alone.
    pub held_back: Vec<Routing>,
    /// On request, in the step to nats: what waits in the queue goes along.
    pub move_waiting: bool,
}

/// Reads the rows of a step and works out what becomes of them. A fence that is found is taken away only where somebody resumes.
pub async fn prepare(db: &Db, plan: &Plan, snapshot: &Snapshot, task: &Flip) -> Result<Prepared> {
    let Flip {
        step,
        attempt,
        resume,
        joins,
        ..
    } = task;
    let wave = plan
        .wave(&step.wave)
        .ok_or_else(|| Error::usage(format!("the plan has no wave {}", step.wave)))?;
    let mut held_back: Vec<i32> = Vec::new();
    if !resume {
        let members = snapshot.members.get(&step.wave).into_iter().flatten();
        held_back.extend(members.filter(|id| snapshot.away.contains(id)));
    }
    let held_back = flip::read(db, &held_back).await?;
    let rows = flip::read(db, &step.webhooks).await?;
    let fenced = fence::standing(db, &step.webhooks).await?;
    let config_id = nats_config::load(db, &plan.nats().config).await?.config_id;
    let by_id: BTreeMap<i32, &Webhook> = snapshot.webhooks.iter().map(|w| (w.id, w)).collect();
    let takeover = i32::try_from(wave.takeover_after.as_millis()).unwrap_or(i32::MAX);
    let mut changes = Vec::new();
    for row in rows {
        if !resume && fenced.contains(&row.webhook_id) {
            return Err(Error::refused(format!(
                "{} ({}) has just been taken back; nothing was changed",
                row.name, row.webhook_id
            ))
            .hint("run the command again: the wave goes on without it"));
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
    let fenced = if *resume { fenced } else { Vec::new() };
    Ok(Prepared {
        wave: step.wave.clone(),
        from: step.from,
        to: step.to,
        attempt: *attempt,
        joins: *joins,
        changes,
        fenced,
        held_back,
        move_waiting: false,
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
pub(super) fn as_shown(shown: &[Change], rows: &[Routing]) -> Result<Vec<Change>> {
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
