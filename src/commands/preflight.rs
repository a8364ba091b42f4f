//! `wavegate preflight`: checks that everything is ready, each finding with its remedy.

use std::{path::PathBuf, time::Duration};

use super::{Context, plan_file};
use crate::{
    engine::{preflight, probe},
    error::{Error, Kind, Result},
    gates::{Status, worst},
    store::{clock, version},
    ui::PreflightScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file; without it, the plan of the migration under way
    pub plan: Option<PathBuf>,
    /// There is a current backup of the database
    #[arg(long)]
    pub i_have_a_backup: bool,
    /// Do not send the probe event
    #[arg(long)]
    pub no_probe: bool,
    /// Where the probe's receiver listens, as the workers reach it
    #[arg(long, value_name = "HOST[:PORT]", default_value = "127.0.0.1")]
    pub probe_address: String,
    /// How long the probe event may take, seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub probe_timeout: u64,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    plan_file::warn_independent(&plan, &context.ui);
    let db = context.db_to_read().await?;
    let bus = context.bus(&db, &plan.nats().config).await;
    let inputs = preflight::Inputs {
        db: &db,
        bus: bus.as_ref().map_err(ToString::to_string),
        plan: &plan,
        backup: args.i_have_a_backup,
        now: clock::now(&db).await?,
    };
    let mut findings = preflight::check(&inputs, &|event| context.ui.progress(&event)).await;
    findings.push(match &inputs.bus {
        _ if args.no_probe => probe::skipped("--no-probe"),
        _ if context.global.dry_run => probe::skipped("--dry-run"),
        Err(_) => probe::skipped("there is no NATS"),
        Ok(_) if version::newer(version::found(&db).await?).is_some() => {
            probe::skipped("the schema is newer than this wavegate")
        }
        Ok(bus) => {
            let options = probe::Options {
                address: args.probe_address,
                timeout: Duration::from_secs(args.probe_timeout),
            };
            context.ui.note("sending the probe event");
            probe::round_trip(&db, bus, &plan, &context.actor(), &options).await
        }
    });
    let screen = PreflightScreen {
        plan: plan.name().to_string(),
        findings,
    };
    context.ui.show(&screen);
    if worst(&screen.findings) < Status::Block {
        return Ok(());
    }
    let blocking: Vec<&str> = screen
        .findings
        .iter()
        .filter(|f| f.status == Status::Block)
        .map(|f| f.check.as_str())
        .collect();
    Err(Error::new(
        Kind::GateFailed,
        format!("not ready: {}", blocking.join(", ")),
    ))
}
