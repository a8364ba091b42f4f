//! One step of a wave, worked out before it is shown: which rows, what becomes of them, and whether they are where they
//! should be.

use std::collections::BTreeMap;

use super::choice::Flip;
use crate::engine::{drift, planner::Snapshot};
use crate::{
    error::{Error, Result},
    model::{Change, Columns, Mode, Routing, WaveStep, Webhook, drift::said},
    plan::Plan,
    store::{Db, fence, flip, nats_config, state::Migration},
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
pub async fn prepare(
    db: &Db,
    plan: &Plan,
    migration: Option<&Migration>,
    snapshot: &Snapshot,
    task: &Flip,
) -> Result<Prepared> {
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
        drift::allows(db, migration, &step.wave, &step.webhooks).await?;
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

/// What the transaction finds must be what was shown, of each webhook that still exists.
pub(in crate::engine) fn as_shown(shown: &[Change], rows: &[Routing]) -> Result<Vec<Change>> {
    let found: BTreeMap<i32, &Routing> = rows.iter().map(|row| (row.webhook_id, row)).collect();
    let (mut moved, mut changes) = (Vec::new(), Vec::new());
    for change in shown {
        match found.get(&change.webhook_id) {
            Some(row) if (row.epoch, &row.columns) == (change.epoch, &change.before) => {
                changes.push(change.clone());
            }
            Some(row) => moved.push(format!(
                "{} ({}): epoch {} -> {}, {}",
                change.name,
                change.webhook_id,
                change.epoch,
                row.epoch,
                said(&change.before, &row.columns)
            )),
            // Deleted meanwhile: there is nothing left to flip.
            None => {}
        }
    }
    if moved.is_empty() {
        return Ok(changes);
    }
    let what = "somebody changed these webhooks since they were read; nothing was changed";
    Err(Error::refused(what)
        .list(&moved)
        .hint("look at `wavegate plan` and `wavegate status`, then run the command again"))
}
