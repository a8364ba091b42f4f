//! `wavegate status`: where every wave stands.

use chrono::TimeDelta;

use super::Context;
use crate::{
    engine::attention::Situation,
    error::Result,
    model::{Path, WaveStep},
    plan::Plan,
    store::{lock, state},
    ui::{Alive, StatusScreen, WaveLine},
};

#[derive(Debug, clap::Args)]
pub struct Args {}

pub async fn run(_args: Args, context: &Context) -> Result<()> {
    let db = context.db_to_read().await?;
    let migration = state::load(&db).await?;
    let (situation, holder) =
        tokio::try_join!(Situation::read(&db, migration.as_ref()), lock::holder(&db),)?;
    let looks = situation.looks();
    let lag = situation
        .live_relays()
        .filter_map(|relay| Some((relay.lag_ms?, relay.seen_at)))
        .max();
    let alive = Alive {
        relays: situation.live_relays().count(),
        queue_workers: situation.live_workers(Path::Queue),
        nats_workers: situation.live_workers(Path::Nats),
        dedicated_workers: situation.live_dedicated(),
        lag,
    };
    // The pinned text was checked before it was pinned; if a newer wavegate reads it otherwise, times are left out.
    let plan = migration.as_ref().and_then(|m| Plan::parse(&m.plan).ok());
    let (mut waves, mut outside) = (Vec::new(), Default::default());
    for (status, standing) in situation.waves {
        let Some(status) = status else {
            outside = standing;
            continue;
        };
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
        waves.push(WaveLine {
            status,
            until,
            standing,
        });
    }
    context.ui.show(&StatusScreen {
        migration: migration.map(|m| (m.name, m.started_at, m.started_by)),
        waves,
        outside,
        alive,
        holder,
        looks,
        now: situation.now,
    });
    Ok(())
}
