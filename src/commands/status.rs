//! `wavegate status`: where every wave stands.

use chrono::TimeDelta;

use super::Context;
use crate::{
    engine::{attention::Situation, driver::outlook},
    error::{Error, Result},
    model::{Path, WaveStep},
    plan::{Plan, unknown_wave},
    store::{
        lock, standing,
        state::{self, Migration},
    },
    ui::{Alive, StatusScreen, WaveLine},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this wave, with each of its webhooks
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    wave: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = context.db_to_read().await?;
    let migration = state::load(&db).await?;
    let members = args
        .wave
        .as_deref()
        .map(|wave| of_wave(migration.as_ref(), wave));
    let members = members.transpose()?;
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
    let mut waiting = match (&plan, &migration) {
        (Some(plan), Some(migration)) => outlook::read(&db, plan, migration, &situation).await?,
        _ => Vec::new(),
    };
    let asked = |wave: &str| args.wave.as_deref().is_none_or(|asked| asked == wave);
    waiting.retain(|wait| asked(&wait.wave));
    let webhooks = match members {
        Some(ids) => Some(standing::of_webhooks(&db, ids, situation.now).await?),
        None => None,
    };
    let unfinished: Vec<String> = situation
        .unfinished
        .iter()
        .filter_map(|one| one.wave().map(str::to_string))
        .collect();
    let mut drifts = situation.drifts;
    drifts.retain(|one| asked(&one.wave));
    let (mut waves, mut outside) = (Vec::new(), Default::default());
    for (status, standing) in situation.waves {
        let Some(status) = status else {
            outside = standing;
            continue;
        };
        if !asked(&status.name) {
            continue;
        }
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
            unfinished: unfinished.contains(&status.name),
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
        waiting,
        webhooks,
        drifts,
        looks,
        now: situation.now,
    });
    Ok(())
}

/// The members of this wave.
fn of_wave<'m>(migration: Option<&'m Migration>, wave: &str) -> Result<&'m [i32]> {
    let migration = migration.ok_or_else(|| {
        Error::usage(format!(
            "no migration is under way, so there is no wave `{wave}`"
        ))
    })?;
    let members = migration.members.get(wave).ok_or_else(|| {
        let names = migration.waves.iter().map(|wave| wave.name.as_str());
        unknown_wave(&format!("migration {}", migration.name), wave, names)
    })?;
    Ok(members)
}
