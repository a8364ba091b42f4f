//! `wavegate gate`: evaluates and explains the gates of the next steps; changes nothing but the record of what they said.

use std::path::PathBuf;

use super::{Context, pinned, plan_file};
use crate::{
    engine::{
        gatekeeper,
        planner::{self, Hold, Snapshot},
    },
    error::{Error, Kind, Result},
    gates::{Report, Verdict, combine},
    model::Mode,
    plan::Plan,
    store,
    ui::GateScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file
    pub plan: PathBuf,
    /// Only this wave
    #[arg(long, value_name = "NAME")]
    pub wave: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::load(&args.plan)?;
    plan_file::warn_unheeded(&plan, &context.ui);
    let db = context.db().await?;
    let now = store::clock::now(&db).await?;
    let migration = pinned::migration(&db, &plan).await?;
    let webhooks = store::webhook::all(&db, now).await?;
    let snapshot = match &migration {
        Some(m) => Snapshot {
            waves: m.waves.clone(),
            members: m.members.clone(),
            webhooks,
        },
        None => Snapshot::before_start(&plan, webhooks),
    };
    let steps = steps(&plan, &snapshot, args.wave.as_deref())?;
    let bus = context.bus(&db, &plan.nats().config).await?;
    let mut reports = Vec::new();
    for (name, to) in steps {
        if let Some(wave) = plan.wave(&name) {
            let report =
                gatekeeper::evaluate(&db, &bus, &plan, migration.as_ref(), wave, to, now).await?;
            reports.push(report);
        }
    }
    let screen = GateScreen {
        plan: plan.name().to_string(),
        reports,
    };
    context.ui.show(&screen);
    outcome(&screen.reports)
}

/// Every wave's next flip, and the end of its watch; for a named wave, why it has neither.
fn steps(plan: &Plan, snapshot: &Snapshot, only: Option<&str>) -> Result<Vec<(String, Mode)>> {
    let mut steps = Vec::new();
    let mut holds = Vec::new();
    for wave in plan.waves() {
        if only.is_some_and(|name| name != wave.name) {
            continue;
        }
        match (
            planner::next_step(plan, snapshot, &wave.name),
            planner::hold(plan, snapshot, &wave.name),
        ) {
            (Some(step), _) => steps.push((wave.name.clone(), step.to)),
            (None, Some(Hold::Watched)) => steps.push((wave.name.clone(), Mode::Nats)),
            (None, Some(hold)) => holds.push(format!("wave {}: {hold}", wave.name)),
            (None, None) => {}
        }
    }
    if let (Some(name), true, true) = (only, steps.is_empty(), holds.is_empty()) {
        let names: Vec<&str> = plan.waves().iter().map(|w| w.name.as_str()).collect();
        return Err(
            Error::usage(format!("the plan {} has no wave `{name}`", plan.name()))
                .hint(format!("it has: {}", names.join(", "))),
        );
    }
    if steps.is_empty() {
        let nothing = Error::not_yet("no gate to evaluate: no wave has a next step");
        return Err(holds.into_iter().fold(nothing, Error::hint));
    }
    Ok(steps)
}

/// 0 where every gate passes, 3 where one fails, 4 where one is inconclusive.
fn outcome(reports: &[Report]) -> Result<()> {
    let verdict = combine(reports.iter().map(Report::verdict));
    let (kind, word) = match verdict {
        Verdict::Pass => return Ok(()),
        Verdict::Fail => (Kind::GateFailed, "fail"),
        Verdict::Inconclusive => (Kind::NotYet, "are inconclusive"),
    };
    let named: Vec<String> = reports
        .iter()
        .filter_map(|report| {
            let gates: Vec<&str> = report
                .results
                .iter()
                .filter(|r| r.verdict == verdict)
                .map(|r| r.gate.as_str())
                .collect();
            (!gates.is_empty()).then(|| format!("{} ({})", report.wave, gates.join(", ")))
        })
        .collect();
    Err(Error::new(
        kind,
        format!("gates {word}: {}", named.join("; ")),
    ))
}
