//! `wavegate apply`: carries out the next step of a wave if its gates pass.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use super::{Context, duration, pinned, plan_file};
use crate::{
    engine::{
        Work,
        barrier::Patience,
        choice::{self, Target, Task, Wish},
        drain,
        executor::{self, Outcome, Unfinished},
        gatekeeper, moving, no_checkpoint,
        planner::Snapshot,
        prepare::{self, Prepared},
        snapshot,
    },
    error::{Error, Kind, Result},
    gates::{Report, Verdict},
    model::{Mode, Progress},
    plan::{Plan, Wave},
    store::{
        self, Db, fence,
        lock::{self, Lock},
        state::{self, Beginning, Migration},
    },
    ui::{ApplyScreen, Ask, GateScreen, StepScreen},
};

/// A verdict that waited longer than this at the prompt is no longer one.
const GATES_HOLD: Duration = Duration::from_secs(600);

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
    /// In the step to nats: what waits in the queue, due or not, goes to NATS too; what is in flight is left to finish
    #[arg(long)]
    pub move_waiting: bool,
    #[command(flatten)]
    pub barrier: BarrierArgs,
}

/// How to wait for transactions that began before a change.
#[derive(Debug, clap::Args)]
pub struct BarrierArgs {
    /// How long to wait for transactions that began before the change
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    pub barrier_timeout: Duration,
    /// Do not wait for this session, since it cannot publish (a dump, say); journalled
    #[arg(long, value_name = "PID", value_parser = clap::value_parser!(i32).range(1..))]
    pub barrier_ignore: Vec<i32>,
}

impl BarrierArgs {
    pub fn patience(&self) -> Patience {
        Patience {
            timeout: self.barrier_timeout,
            ignore: self.barrier_ignore.clone(),
        }
    }
}

/// What one run has at hand.
struct Run<'a> {
    args: &'a Args,
    context: &'a Context,
    plan: &'a Plan,
    work: Work<'a>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    plan_file::warn_unheeded(&plan, &context.ui);
    let db = context.operator_db().await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let run = Run {
        args: &args,
        context,
        plan: &plan,
        work: Work {
            db: &db,
            actor: &actor,
            listener: &listener,
            checkpoint: &no_checkpoint,
        },
    };
    if context.global.dry_run {
        return run.step(None).await;
    }
    let lock = lock::acquire(&db, &actor).await?;
    let outcome = run.step(Some(&lock)).await;
    // Without it the lock would be free all the same; what happened matters more than how it was given back.
    let released = lock.release().await;
    outcome.and(released)
}

impl Run<'_> {
    fn db(&self) -> &Db {
        self.work.db
    }

    /// `lock`: `None` in a dry run.
    async fn step(&self, lock: Option<&Lock>) -> Result<()> {
        let migration = pinned::migration(self.db(), self.plan).await?;
        if let Some(migration) = &migration
            && let Some(unfinished) = executor::unfinished(self.db(), migration).await?
        {
            return self.finish_earlier(migration, unfinished).await;
        }
        let now = store::clock::now(self.db()).await?;
        let snapshot = snapshot::read(self.db(), self.plan, migration.as_ref(), now).await?;
        if migration.is_none() {
            pinned::check_members(self.plan, &snapshot.webhooks)?;
        }
        let ids: Vec<i32> = snapshot.webhooks.iter().map(|webhook| webhook.id).collect();
        let fenced: BTreeSet<i32> = fence::standing(self.db(), &ids)
            .await?
            .into_iter()
            .collect();
        let wish = Wish {
            wave: self.args.wave.as_deref(),
            to: self.args.to,
            resume: self.args.resume,
        };
        match choice::choose(self.plan, &snapshot, &fenced, wish, now)? {
            Task::Finish { wave } => self.finish(lock, migration.as_ref(), &wave).await,
            Task::Flip {
                step,
                attempt,
                resume,
                gated,
            } => {
                let mut prepared = prepare::prepare(
                    self.db(),
                    self.plan,
                    &snapshot.webhooks,
                    &step,
                    attempt,
                    resume,
                )
                .await?;
                if prepared.changes.is_empty() {
                    return Err(Error::refused(format!(
                        "every webhook of wave {} was taken back one by one",
                        step.wave
                    ))
                    .hint("go forward again on purpose with --resume"));
                }
                self.may_move(&prepared).await?;
                prepared.move_waiting = self.args.move_waiting;
                let report = match (gated, self.plan.wave(&step.wave)) {
                    (true, Some(wave)) => Some(
                        self.gates(lock, migration.as_ref(), wave, &prepared)
                            .await?,
                    ),
                    _ => None,
                };
                self.flip(lock, migration, &snapshot, prepared, report)
                    .await
            }
        }
    }

    async fn flip(
        &self,
        lock: Option<&Lock>,
        migration: Option<Migration>,
        snapshot: &Snapshot,
        prepared: Prepared,
        report: Option<Report>,
    ) -> Result<()> {
        let ids: Vec<i32> = prepared.changes.iter().map(|c| c.webhook_id).collect();
        let moving = match prepared.move_waiting {
            true => Some(store::drain::remaining(self.db(), &ids).await?),
            false => None,
        };
        let screen = StepScreen {
            plan: self.plan.name().to_string(),
            wave: prepared.wave.clone(),
            from: prepared.from,
            to: prepared.to,
            attempt: prepared.attempt,
            changes: prepared.changes.clone(),
            fenced: prepared.fenced.clone(),
            held_back: prepared.held_back.clone(),
            moving,
            gates: report.clone(),
            all: self.context.global.verbose > 0,
        };
        self.context.ui.show(&screen);
        if let Some(report) = &report {
            passed(report)?;
        }
        let Some(lock) = lock else {
            self.context.ui.note("dry run: nothing was changed");
            return Ok(());
        };
        let typed = prepared.to == Mode::Nats
            || self
                .plan
                .wave(&prepared.wave)
                .is_some_and(|wave| wave.typed_confirm);
        let ask = if typed {
            Ask::Typed(prepared.wave.clone())
        } else {
            Ask::Yes
        };
        let question = format!(
            "Flip {} of wave {} to {}?",
            screen.count(),
            prepared.wave,
            prepared.to
        );
        let asked = Instant::now();
        let confirmed = self.context.confirm(&question, ask).await?;
        if asked.elapsed() > GATES_HOLD {
            return Err(Error::not_yet(
                "the answer came so late that the gates may have changed; nothing was changed",
            )
            .hint("run the command again: it asks the gates anew"));
        }
        let migration = match migration {
            Some(migration) => migration,
            None => state::start(self.db(), self.work.actor, &self.beginning(snapshot)).await?,
        };
        let patience = self.args.barrier.patience();
        let outcome = executor::carry_out(
            &self.work, lock, &migration, &prepared, &patience, confirmed,
        )
        .await?;
        self.report(outcome).await
    }

    /// Moving belongs to the last flip, where nobody else can hold what is moved.
    async fn may_move(&self, prepared: &Prepared) -> Result<()> {
        if !self.args.move_waiting {
            return Ok(());
        }
        if prepared.to != Mode::Nats {
            return Err(Error::usage(format!(
                "--move-waiting belongs to the step to nats; the next step of wave {} is {}",
                prepared.wave, prepared.to
            )));
        }
        let ids: Vec<i32> = prepared.changes.iter().map(|c| c.webhook_id).collect();
        moving::refuse_beside_foreign(self.db(), &ids).await
    }

    fn beginning(&self, snapshot: &Snapshot) -> Beginning {
        let members = |wave: &Wave| {
            snapshot
                .members
                .get(&wave.name)
                .cloned()
                .unwrap_or_default()
        };
        Beginning {
            name: self.plan.name().to_string(),
            plan: self.plan.text().to_string(),
            hash: self.plan.hash().to_string(),
            waves: self
                .plan
                .waves()
                .iter()
                .map(|wave| (wave.name.clone(), members(wave)))
                .collect(),
        }
    }

    /// The gates look at the members that will go; those held back are not the wave's for now.
    async fn gates(
        &self,
        lock: Option<&Lock>,
        migration: Option<&Migration>,
        wave: &Wave,
        prepared: &Prepared,
    ) -> Result<Report> {
        let now = store::clock::now(self.db()).await?;
        let bus = self
            .context
            .bus(self.db(), &self.plan.nats().config)
            .await?;
        let seen = migration.cloned().map(|mut migration| {
            if let Some(members) = migration.members.get_mut(&wave.name) {
                members.retain(|id| !prepared.held_back.iter().any(|row| row.webhook_id == *id));
            }
            for status in migration
                .waves
                .iter_mut()
                .filter(|status| status.name == wave.name)
            {
                status.attempt = prepared.attempt;
                status.step = prepared.from;
            }
            migration
        });
        let report = gatekeeper::look(
            self.db(),
            Ok(&bus),
            self.plan,
            seen.as_ref(),
            wave,
            prepared.to,
            now,
        )
        .await?;
        self.keep(lock, migration, &report).await?;
        Ok(report)
    }

    /// A dry run leaves no record.
    async fn keep(
        &self,
        lock: Option<&Lock>,
        migration: Option<&Migration>,
        report: &Report,
    ) -> Result<()> {
        match lock {
            Some(_) => store::verdicts::keep(self.db(), migration.map(|m| m.id), report).await,
            None => Ok(()),
        }
    }

    /// A flip that an earlier run committed: its barrier and checks are this run's work.
    async fn finish_earlier(&self, migration: &Migration, unfinished: Unfinished) -> Result<()> {
        self.context.ui.note(&format!(
            "an earlier run flipped wave {} to {} and did not come to its end: going on from there",
            unfinished.wave, unfinished.to
        ));
        if self.context.global.dry_run {
            return Ok(());
        }
        let patience = self.args.barrier.patience();
        let outcome = executor::complete(&self.work, migration, unfinished, &patience).await?;
        self.report(outcome).await
    }

    async fn report(&self, mut outcome: Outcome) -> Result<()> {
        if let (Some(wait), Some(left)) = (self.args.wait, &mut outcome.drain) {
            *left = drain::wait_for_queue(&self.work, &outcome.webhooks, wait).await?;
        }
        let left = outcome.drain.as_ref().map_or(0, store::drain::Drain::left);
        self.context.ui.show(&ApplyScreen {
            plan: self.plan.name().to_string(),
            wave: outcome.wave.clone(),
            to: outcome.to,
            webhooks: outcome.webhooks.len(),
            barrier: outcome.barrier,
            routes: outcome.routes,
            drain: outcome.drain,
            moved: outcome.moved,
        });
        match self.args.wait {
            Some(wait) if left > 0 => Err(Error::not_yet(format!(
                "wave {} is in nats; after {} s its queue still holds {left} calls",
                outcome.wave,
                wait.as_secs()
            ))
            .hint("keep a queue worker running: `wavegate worker --path queue`")),
            _ => Ok(()),
        }
    }

    async fn finish(
        &self,
        lock: Option<&Lock>,
        migration: Option<&Migration>,
        wave: &str,
    ) -> Result<()> {
        let (Some(migration), Some(of_plan)) = (migration, self.plan.wave(wave)) else {
            return Err(Error::failed(format!(
                "wave {wave} cannot be finished before it began"
            )));
        };
        let now = store::clock::now(self.db()).await?;
        let bus = self
            .context
            .bus(self.db(), &self.plan.nats().config)
            .await?;
        let report = gatekeeper::look(
            self.db(),
            Ok(&bus),
            self.plan,
            Some(migration),
            of_plan,
            Mode::Nats,
            now,
        )
        .await?;
        self.keep(lock, Some(migration), &report).await?;
        self.context.ui.show(&GateScreen {
            plan: self.plan.name().to_string(),
            reports: vec![report.clone()],
            ..GateScreen::default()
        });
        passed(&report)?;
        let Some(lock) = lock else {
            self.context
                .ui
                .note(&format!("dry run: wave {wave} would be finished"));
            return Ok(());
        };
        let confirmed = self
            .context
            .confirm(&format!("Call wave {wave} finished?"), Ask::Yes)
            .await?;
        executor::finish(&self.work, lock, migration, wave, confirmed).await?;
        self.context.ui.note(&format!("wave {wave} is finished"));
        Ok(())
    }
}

/// Only a pass goes on.
fn passed(report: &Report) -> Result<()> {
    let verdict = report.verdict();
    let (kind, what) = match verdict {
        Verdict::Pass => return Ok(()),
        Verdict::Fail => (Kind::GateFailed, "do not pass"),
        Verdict::Inconclusive => (Kind::NotYet, "are not conclusive yet"),
    };
    // The screen before it has the reasons and what to do.
    let gates: Vec<&str> = report.saying(verdict).map(|r| r.gate.as_str()).collect();
    Err(Error::new(
        kind,
        format!(
            "the gates of wave {} ({}) {what}: {}",
            report.wave,
            report.step,
            gates.join(", ")
        ),
    ))
}
