//! `wavegate apply`: carries out the next step of a wave if its gates pass.

use std::{path::PathBuf, time::Duration};

use super::{Context, barrier_args::BarrierArgs, duration, plan_file};
use crate::{
    engine::{
        Work,
        forward::choice::{Target, Wish},
        forward::executor::Outcome,
        forward::{self, Done, Judge, Request},
        gatekeeper::{self, Candidate},
    },
    error::{Error, Result},
    gates::Report,
    model::{Drain, Progress},
    plan::Plan,
    store::{self, Db, state::Migration},
    ui::ApplyScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file; without it, the plan of the migration under way
    pub plan: Option<PathBuf>,
    /// Only this wave; without it, the first that has a next step
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    pub wave: Option<String>,
    /// The state that the wave should take: both, nats or share=N; no step is skipped
    #[arg(long, value_name = "STATE", value_hint = clap::ValueHint::Other)]
    pub to: Option<Target>,
    /// Go forward again with what was rolled back
    #[arg(long)]
    pub resume: bool,
    /// After the flip to nats, wait this long for the queue to be drained (for example 10m)
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub wait: Option<Duration>,
    /// Pass gates that lack nothing but evidence, once the soak is over; WHY goes into the journal. Wants the wave's name typed
    #[arg(long, value_name = "WHY", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub pass_unjudged: Option<String>,
    /// In the step to nats: what waits in the queue, due or not, goes to NATS too; what is in flight is left to finish
    #[arg(long)]
    pub move_waiting: bool,
    #[command(flatten)]
    pub barrier: BarrierArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    plan_file::warn_independent(&plan, &context.ui);
    let db = context.operator_db().await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work::new(&db, &actor, &listener);
    let request = Request {
        plan: &plan,
        wish: Wish {
            wave: args.wave.as_deref(),
            to: args.to,
            resume: args.resume,
        },
        pass_unjudged: args.pass_unjudged.as_deref(),
        move_waiting: args.move_waiting,
        patience: args.barrier.patience(),
        drain_within: args.wait,
        dry_run: context.global.dry_run,
    };
    let gates = Gates {
        context,
        db: &db,
        plan: &plan,
    };
    match forward::step(&work, &request, &gates, context).await? {
        Done::Nothing => context.ui.note("dry run: nothing was changed"),
        Done::Finished { wave } => context.ui.note(&format!("wave {wave} is finished")),
        Done::Flipped(outcome) => return flipped(outcome, &plan, args.wait, context),
    }
    Ok(())
}

/// The gates of the plan.
struct Gates<'a> {
    context: &'a Context,
    db: &'a Db,
    plan: &'a Plan,
}

impl Judge for Gates<'_> {
    async fn judge(
        &self,
        migration: Option<&Migration>,
        candidate: &Candidate<'_>,
    ) -> Result<Option<Report>> {
        let now = store::clock::now(self.db).await?;
        let bus = self.context.bus(self.db, &self.plan.nats().config).await?;
        gatekeeper::look(self.db, Ok(&bus), self.plan, migration, candidate, now)
            .await
            .map(Some)
    }
}

fn flipped(outcome: Outcome, plan: &Plan, wait: Option<Duration>, context: &Context) -> Result<()> {
    let left = outcome.drain.as_ref().map_or(0, Drain::left);
    context.ui.show(&ApplyScreen {
        plan: plan.name().to_string(),
        wave: outcome.wave.clone(),
        to: outcome.to,
        webhooks: outcome.webhooks.len(),
        barrier: outcome.barrier,
        routes: outcome.routes,
        drain: outcome.drain,
        moved: outcome.moved,
    });
    match wait {
        Some(wait) if left > 0 => Err(Error::not_yet(format!(
            "wave {} is in nats; after {} s its queue still holds {left} calls",
            outcome.wave,
            wait.as_secs()
        ))
        .hint("keep a queue worker running: `wavegate worker --path queue`")),
        _ => Ok(()),
    }
}
