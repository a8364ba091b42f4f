//! `wavegate run`: drives the migration by its plan, for weeks or for what is due now.

use std::path::PathBuf;

use super::{Context, barrier_args::BarrierArgs, ending, plan_file};
use crate::{
    engine::{
        Work,
        driver::{Driver, Host},
        forward::Judge,
        gatekeeper::{self, Candidate},
        preflight,
    },
    error::{Error, Kind, Result},
    gates::{Report, Status, worst},
    model::{
        Ask, Listener, Progress,
        driven::{DeedKind, Driven, DriverNews, WaitsFor},
    },
    plan::Plan,
    store::{
        self, Db, driver,
        state::{self, Migration},
    },
    ui::{PreflightScreen, RunScreen, run_line},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file; without it, the plan of the migration under way
    pub plan: Option<PathBuf>,
    /// Do what is due now and say what it waits for, instead of going on until the migration is over
    #[arg(long)]
    pub once: bool,
    #[command(flatten)]
    pub barrier: BarrierArgs,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let mut plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    plan_file::warn_independent(&plan, &context.ui);
    let db = context.driver_db().await?;
    if context.global.dry_run {
        return Err(Error::usage("run has no --dry-run").hint(
            "`wavegate plan` shows the next steps, and `wavegate apply --dry-run` what the next one would do",
        ));
    }
    // A log wants what was done; how far it is, is for who watches.
    let listener = |event: Progress| match event {
        Progress::Stands { .. } | Progress::Warning { .. } => context.ui.progress(&event),
        _ if context.ui.watched() => context.ui.progress(&event),
        _ => {}
    };
    if state::load(&db).await?.is_none() {
        ready(&db, &plan, &listener, context).await?;
    }
    context.confirm(&question(&plan, &args), Ask::Yes).await?;
    let actor = context.actor();
    let work = Work::new(&db, &actor, &listener);
    let outcome = match args.once {
        true => {
            once(
                &driver(&plan, work, &host(&plan, &db, &args, context), &args),
                &db,
            )
            .await?
        }
        false => resident(&mut plan, work, &db, &args, context).await?,
    };
    context.ui.show(&RunScreen {
        plan: plan.name().to_string(),
        outcome: outcome.clone(),
        told: !args.once,
    });
    ended(&plan, &outcome, args.once)
}

/// Until it is over; without a plan file it goes on by an amended text.
async fn resident(
    plan: &mut Plan,
    work: Work<'_>,
    db: &Db,
    args: &Args,
    context: &Context,
) -> Result<Driven> {
    let mut told = ending::listen(&context.ui)?;
    loop {
        let stopped = async {
            match (&mut told).await {
                Ok(ending) => ending.error("; another run goes on from here"),
                Err(_) => std::future::pending().await,
            }
        };
        let host = host(plan, db, args, context);
        let error = match driver(plan, work, &host, args).resident(stopped).await {
            Err(error) if error.kind() == Kind::Refused && args.plan.is_none() => error,
            ended => return ended,
        };
        let now = plan_file::given_or_pinned(None, context).await?;
        if now.hash() == plan.hash() {
            return Err(error);
        }
        context
            .ui
            .note("the plan was amended: goes on by its new text");
        *plan = now;
    }
}

fn host<'a>(plan: &'a Plan, db: &'a Db, args: &Args, context: &'a Context) -> Terminal<'a> {
    Terminal {
        context,
        db,
        plan,
        once: args.once,
    }
}

fn driver<'a>(
    plan: &'a Plan,
    work: Work<'a>,
    host: &'a Terminal<'a>,
    args: &Args,
) -> Driver<'a, Terminal<'a>> {
    Driver {
        work,
        plan,
        host,
        patience: args.barrier.patience(),
    }
}

/// What nobody is asked again, for as long as this runs.
fn question(plan: &Plan, args: &Args) -> String {
    let what = match args.once {
        true => "Do what is due of",
        false => "Drive",
    };
    let back = match plan.auto_rollback() {
        Some(_) => ", with automatic rollback",
        None => "",
    };
    format!("{what} {} by its plan{back}?", plan.name())
}

/// Before the first step: nothing is begun that cannot go well.
async fn ready(db: &Db, plan: &Plan, listener: Listener<'_>, context: &Context) -> Result<()> {
    let bus = context.bus(db, &plan.nats().config).await;
    let inputs = preflight::Inputs {
        db,
        bus: bus.as_ref().map_err(ToString::to_string),
        plan,
        backup: true,
        now: store::clock::now(db).await?,
    };
    let findings = preflight::check(&inputs, listener).await;
    if worst(&findings) < Status::Block {
        return Ok(());
    }
    let screen = PreflightScreen {
        plan: plan.name().to_string(),
        findings,
    };
    context.ui.show(&screen);
    Err(
        Error::new(Kind::GateFailed, "not ready: the migration was not begun")
            .hint("see to what blocks, then run it again"),
    )
}

async fn once(driver: &Driver<'_, Terminal<'_>>, db: &Db) -> Result<Driven> {
    let Some(lease) = driver::take(db, driver.work.actor).await? else {
        let driving = driver::driving(db).await?;
        return Err(driver::taken(driving.as_ref()));
    };
    let outcome = tokio::select! {
        outcome = driver.once() => outcome,
        () = lease.lost() => Err(Error::refused("another wavegate took over; this one stopped")),
    };
    let released = lease.release(db).await;
    let outcome = outcome?;
    released?;
    Ok(outcome)
}

/// Who draws nothing but lines, and asks the plan's gates.
struct Terminal<'a> {
    context: &'a Context,
    db: &'a Db,
    plan: &'a Plan,
    once: bool,
}

/// Where NATS is away, its gates say so, and the others are judged: a guard that looks away just then is none.
impl Judge for Terminal<'_> {
    async fn judge(
        &self,
        migration: Option<&Migration>,
        candidate: &Candidate<'_>,
    ) -> Result<Option<Report>> {
        let now = store::clock::now(self.db).await?;
        let bus = self.context.bus(self.db, &self.plan.nats().config).await;
        let bus = bus.as_ref().map_err(ToString::to_string);
        let bus = bus.as_ref().map(|bus| *bus).map_err(String::as_str);
        gatekeeper::look(self.db, bus, self.plan, migration, candidate, now)
            .await
            .map(Some)
    }
}

impl Host for Terminal<'_> {
    fn hear(&self, told: &DriverNews<'_>) {
        let ui = &self.context.ui;
        if matches!(told, DriverNews::Deed(_)) {
            ui.is_done();
        }
        // With --once these are the result, and stand there.
        if self.once && matches!(told, DriverNews::Waits(_) | DriverNews::Deed(_)) {
            return;
        }
        for (loud, line) in run_line(told, chrono::Utc::now()) {
            match loud {
                true => ui.warn(&line),
                false => ui.note(&line),
            }
        }
    }
}

/// By the exit code: 7 after a rollback, 0 when something was done or all is finished, else why nothing was.
fn ended(plan: &Plan, outcome: &Driven, once: bool) -> Result<()> {
    // What was taken back once and came to its end all the same is finished.
    if outcome.took_back() && !outcome.finished {
        let waves: Vec<&str> = outcome
            .deeds
            .iter()
            .filter(|deed| deed.what == DeedKind::TookBack)
            .map(|deed| deed.wave.as_str())
            .collect();
        let waves = waves.join(", ");
        return Err(Error::new(
            Kind::RolledBack,
            format!("the guard took back wave {waves} of {}", plan.name()),
        )
        .hint("`wavegate gate history` shows what was seen; `wavegate apply --wave NAME --resume` goes forward again"));
    }
    if outcome.finished || !once || !outcome.deeds.is_empty() {
        return Ok(());
    }
    match outcome
        .waiting
        .iter()
        .any(|waiting| waiting.on == WaitsFor::Failure)
    {
        true => Err(Error::new(
            Kind::GateFailed,
            "nothing was due, and a gate fails",
        )),
        false => Err(Error::not_yet("nothing was due")),
    }
}
