//! `wavegate gate calibrate`: what each wave's own past advises for its gates. Reads, and changes nothing.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::look::known;
use crate::{
    commands::{Context, plan_file},
    error::Result,
    gates::{
        calibrate::{Calibrated, Planned, calibrate},
        past::Bursts,
    },
    plan::{Wave, membership},
    store::{Db, clock, past, state, webhook},
    ui::CalibrateScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file; without it, the plan of the migration under way
    plan: Option<PathBuf>,
    /// Only this wave
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    wave: Option<String>,
    /// How often a step is played, for each truth
    #[arg(long, value_name = "RUNS", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// Of the chance with which steps are played: the same one plays the same steps
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// As far back as the migration freezes what the queue did.
const DAYS: i64 = 7;

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    known(&plan, args.wave.as_deref())?;
    let db = context.db_to_read().await?;
    let now = clock::now(&db).await?;
    let migration = state::load(&db).await?.filter(|m| m.name == plan.name());
    // Once it has begun, its past is what lies before.
    let (members, until) = match migration {
        Some(migration) => (migration.members, migration.started_at.unwrap_or(now)),
        None => (
            membership(&plan, &webhook::with_volume(&db, now).await?).members,
            now,
        ),
    };
    let asked = |name: &str| args.wave.as_deref().is_none_or(|only| only == name);
    let mut waves = Vec::new();
    for wave in plan.waves().iter().filter(|wave| asked(&wave.name)) {
        let ids = members.get(&wave.name).map_or(&[][..], Vec::as_slice);
        waves.push(of_wave(&db, wave, ids, until, args.seed, |_| args.runs).await?);
    }
    context.ui.show(&CalibrateScreen {
        plan: plan.name().to_string(),
        waves,
    });
    Ok(())
}

/// What the past of these webhooks before `until` advises, played as often as `runs` says of it.
pub async fn of_wave(
    db: &Db,
    wave: &Wave,
    webhooks: &[i32],
    until: DateTime<Utc>,
    seed: u64,
    runs: impl FnOnce(Bursts) -> u32,
) -> Result<Calibrated> {
    let shares: Vec<u8> = wave.shares.iter().map(|share| share.percent()).collect();
    let planned = Planned {
        wave: &wave.name,
        limits: &wave.limits,
        shares: &shares,
        soak: wave.soak,
    };
    let (past, p95) = past::read(db, webhooks, until, DAYS, planned.cell_ms()).await?;
    Ok(calibrate(&past, p95, planned, runs, seed))
}
