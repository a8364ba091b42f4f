//! `wavegate status`: where every wave stands.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::Context;
use crate::{
    engine::unfinished,
    error::Result,
    model::WaveStep,
    plan::Plan,
    store::{
        away, clock, heartbeat, lock,
        standing::{self, Standing},
        state::{self, Migration},
    },
    ui::{Alive, StatusScreen, WaveLine},
};

#[derive(Debug, clap::Args)]
pub struct Args {}

/// A relay or worker that was silent for longer counts as gone.
const SILENT: TimeDelta = TimeDelta::seconds(30);

pub async fn run(_args: Args, context: &Context) -> Result<()> {
    let db = context.db().await?;
    let migration = state::load(&db).await?;
    let now = clock::now(&db).await?;
    let (standing, workers, relays, holder, set_aside) = tokio::try_join!(
        standing::read(&db, migration.as_ref().map(|m| m.id)),
        heartbeat::workers(&db, now - SILENT),
        heartbeat::relays(&db, now - SILENT),
        lock::holder(&db),
        standing::set_aside(&db),
    )?;
    let away = match &migration {
        Some(migration) => away::read(&db, migration.id).await?,
        None => BTreeSet::new(),
    };
    // While somebody is at work, what is not at its end is his.
    let unfinished = match holder {
        Some(_) => Vec::new(),
        None => unfinished::read(&db, migration.as_ref()).await?,
    };
    let (waves, outside) = lines(migration.as_ref(), &standing, &away);
    let workers_of = |path: &str| workers.iter().filter(|worker| worker.path == path).count();
    context.ui.show(&StatusScreen {
        migration: migration.map(|m| (m.name, m.started_at, m.started_by)),
        waves,
        outside,
        alive: Alive {
            relays: relays.len(),
            queue_workers: workers_of("queue"),
            nats_workers: workers_of("nats"),
            lag_ms: relays.iter().filter_map(|relay| relay.lag_ms).max(),
            relay_error: relays.iter().find_map(|relay| relay.last_error.clone()),
        },
        holder,
        set_aside,
        unfinished: unfinished.iter().map(ToString::to_string).collect(),
        now,
    });
    Ok(())
}

/// One line a wave; and the webhooks of none.
fn lines(
    migration: Option<&Migration>,
    standing: &[Standing],
    away: &BTreeSet<i32>,
) -> (Vec<WaveLine>, Standing) {
    // The pinned text was checked before it was pinned; if a newer wavegate reads it otherwise, times are left out.
    let plan = migration.and_then(|m| Plan::parse(&m.plan).ok());
    let waves = migration.iter().flat_map(|m| &m.waves).map(|status| {
        let of_plan = plan.as_ref().and_then(|plan| plan.wave(&status.name));
        let lasts = of_plan.and_then(|wave| match status.step {
            WaveStep::Hybrid(_) => Some(wave.step_soak()),
            WaveStep::Nats => Some(wave.watch),
            WaveStep::Pending | WaveStep::Finished | WaveStep::RolledBack => None,
        });
        let until = lasts
            .and_then(|lasts| TimeDelta::from_std(lasts).ok())
            .zip(status.entered_at)
            .and_then(|(lasts, since)| since.checked_add_signed(lasts));
        WaveLine {
            status: status.clone(),
            until,
            standing: standing
                .iter()
                .find(|one| one.position == Some(status.position))
                .cloned()
                .unwrap_or_default(),
            away: migration
                .and_then(|m| Some((m, m.members.get(&status.name)?)))
                .into_iter()
                .flat_map(|(m, ids)| ids.iter().map(move |id| (m, id)))
                .filter(|(_, id)| away.contains(id))
                .map(|(m, id)| m.names.get(id).cloned().unwrap_or_else(|| id.to_string()))
                .collect(),
        }
    });
    let outside = standing
        .iter()
        .find(|one| one.position.is_none())
        .cloned()
        .unwrap_or_default();
    (waves.collect(), outside)
}
