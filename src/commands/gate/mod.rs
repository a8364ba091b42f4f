//! `wavegate gate`: evaluates and explains the gates of the next steps; changes nothing but the record of what they said.

pub(super) mod calibrate;
mod history;
mod look;
mod watch;

use std::{path::PathBuf, time::Duration};

use super::{Context, duration};
use crate::{
    error::{Error, Kind, Result},
    gates::{Names, Verdict, explain},
    store::{
        verdicts::{self, Wanted},
        webhook,
    },
    ui::{ExplainScreen, GateScreen},
};
use look::Looker;
use watch::Until;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    sub: Option<Sub>,
    /// The plan file; without it, the plan of the migration under way
    plan: Option<PathBuf>,
    /// Only this wave
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    wave: Option<String>,
    /// The step by which what was taken back goes forward again, as `apply --resume` would take it
    #[arg(long, requires = "wave")]
    resume: bool,
    /// One gate in plain words, with all its numbers, its formula and how it moved; the exit code is this gate's
    #[arg(long, value_name = "GATE", value_hint = clap::ValueHint::Other, conflicts_with = "watch")]
    explain: Option<String>,
    /// Look again and again: in place at a terminal, line by line elsewhere
    #[arg(long)]
    watch: bool,
    /// Between two looks: 10s, 5m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = interval, requires = "watch")]
    every: Duration,
    /// When watching ends by itself
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        requires = "watch"
    )]
    until: Until,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// What the gates said, when, for how long, and by what evidence
    #[command(after_help = super::examples::GATE_HISTORY)]
    History(history::Args),
    /// What the past advises for blocks, shares, soak and margin: measured bursts, played again with equal paths
    #[command(after_help = super::examples::GATE_CALIBRATE)]
    Calibrate(calibrate::Args),
}

impl Args {
    /// It ends by signals in a way of its own.
    pub fn is_watch(&self) -> bool {
        self.watch && self.sub.is_none()
    }
}

/// A look costs the database something; a second apart is plenty.
fn interval(text: &str) -> Result<Duration, String> {
    let time = duration::parse(text)?;
    if (Duration::from_secs(1)..=Duration::from_secs(86_400)).contains(&time) {
        Ok(time)
    } else {
        Err(format!("`{text}`; wanted between 1s and 1d"))
    }
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = match (args.sub, args.plan) {
        (Some(Sub::History(of)), None) => return history::run(of, context).await,
        (Some(Sub::Calibrate(of)), None) => return calibrate::run(of, context).await,
        (Some(sub), Some(_)) => {
            let wanted = match sub {
                Sub::History(_) => "wavegate gate history PLAN",
                Sub::Calibrate(_) => "wavegate gate calibrate PLAN",
            };
            return Err(Error::usage("a plan stands before the command it is for").hint(wanted));
        }
        (None, plan) => plan,
    };
    let open = Looker::open(context, plan.as_deref(), args.wave, args.resume);
    if args.watch {
        return watch::run(open, args.every, args.until, context).await;
    }
    let mut looker = open.await?;
    let screen = looker.look().await?;
    if let Some(gate) = &args.explain {
        return explain(&looker, &screen, gate, context).await;
    }
    context.ui.show(&screen);
    outcome(&screen)
}

/// Rows of one gate that are read to show how it moved.
const MOVED: i64 = 2_000;

async fn explain(
    looker: &Looker<'_>,
    screen: &GateScreen,
    gate: &str,
    context: &Context,
) -> Result<()> {
    let webhooks = webhook::all(looker.db()).await?;
    let names: Names = webhooks.into_iter().map(|w| (w.id, w.name)).collect();
    let mut waves = Vec::new();
    for report in &screen.reports {
        let Some(result) = report.results.iter().find(|r| r.gate.as_str() == gate) else {
            continue;
        };
        let wanted = Wanted {
            migration_id: looker.migration_id(),
            wave: Some(report.wave.clone()),
            gate: Some(gate.to_string()),
            since: report.since.unwrap_or_default(),
            limit: MOVED,
            every: true,
        };
        let mut said = verdicts::said(looker.db(), &wanted).await?;
        said.retain(|said| said.step == report.step);
        let (wave, step) = (&report.wave, &report.step);
        waves.push(explain::explain(wave, step, result, &said, &names));
    }
    if waves.is_empty() {
        if screen.reports.is_empty() {
            return outcome(screen);
        }
        let mut error = Error::usage(format!("no gate `{gate}` guards a next step"));
        for report in &screen.reports {
            let gates: Vec<&str> = report.results.iter().map(|r| r.gate.as_str()).collect();
            error = error.hint(format!("wave {}: {}", report.wave, gates.join(", ")));
        }
        return Err(error);
    }
    let explained = ExplainScreen {
        plan: screen.plan.clone(),
        waves,
    };
    context.ui.show(&explained);
    match explained.verdict() {
        Verdict::Pass => Ok(()),
        Verdict::Fail => Err(Error::new(Kind::GateFailed, format!("gate {gate} fails"))),
        Verdict::Inconclusive => Err(Error::not_yet(format!("gate {gate} is inconclusive"))),
    }
}

/// 0 where every gate passes, 3 where one fails, 4 where one is inconclusive or nothing is to be judged.
fn outcome(screen: &GateScreen) -> Result<()> {
    if screen.reports.is_empty() {
        let nothing = Error::not_yet("no gate to evaluate: no wave has a next step");
        let hints = screen
            .held
            .iter()
            .map(|(wave, why)| format!("wave {wave}: {why}"));
        return Err(hints.fold(nothing, Error::hint));
    }
    let verdict = screen.verdict();
    let (kind, word) = match verdict {
        Verdict::Pass => return Ok(()),
        Verdict::Fail => (Kind::GateFailed, "fail"),
        Verdict::Inconclusive => (Kind::NotYet, "are inconclusive"),
    };
    let named: Vec<String> = screen
        .reports
        .iter()
        .filter_map(|report| {
            let gates: Vec<&str> = report.saying(verdict).map(|r| r.gate.as_str()).collect();
            (!gates.is_empty()).then(|| format!("{} ({})", report.wave, gates.join(", ")))
        })
        .collect();
    Err(Error::new(
        kind,
        format!("gates {word}: {}", named.join("; ")),
    ))
}
