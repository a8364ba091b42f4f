//! `wavegate gate history`: the verdicts that were kept. Asks PostgreSQL alone.

use std::path::PathBuf;

use super::look::known;
use crate::{
    commands::{
        Context,
        instant::{self, Instant},
        plan_file,
    },
    error::Result,
    store::{
        clock, state,
        verdicts::{self, Wanted},
    },
    ui::GateHistoryScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file; without it, the plan of the migration under way
    plan: Option<PathBuf>,
    /// Only this wave
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    wave: Option<String>,
    /// Only this gate
    #[arg(long, value_name = "GATE", value_hint = clap::ValueHint::Other)]
    gate: Option<String>,
    /// Only what was said since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    since: Option<Instant>,
    /// Every line that was kept, not only where a verdict changed
    #[arg(long)]
    every: bool,
    /// The newest lines, at most so many
    #[arg(long, value_name = "LINES", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    known(&plan, args.wave.as_deref())?;
    let db = context.db_to_read().await?;
    let now = clock::now(&db).await?;
    // A plan whose text was changed meanwhile has its history all the same.
    let migration = state::load(&db).await?.filter(|m| m.name == plan.name());
    let wanted = Wanted {
        migration_id: migration.map(|m| m.id),
        wave: args.wave,
        gate: args.gate,
        since: args
            .since
            .map_or_else(Default::default, |since| since.before(now)),
        limit: args.limit,
        every: args.every,
    };
    context.ui.show(&GateHistoryScreen {
        plan: plan.name().to_string(),
        lines: verdicts::said(&db, &wanted).await?,
    });
    Ok(())
}
