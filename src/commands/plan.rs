//! `wavegate plan`: checks a plan against the database and shows the next steps.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{Context, plan_file};
use crate::{
    engine::{
        Work, amend, pinned,
        planner::{self, Snapshot, Step},
    },
    error::{Error, Kind, Result},
    model::{Ask, Mode, Progress, PublishMode, Share, WaveStep, Webhook},
    plan::{Findings, Hazard, Membership, Plan, Span, Surroundings, lint, membership},
    store::{Db, away, clock, lock, nats_config, state::Migration, webhook},
    ui::{AmendScreen, Change, Member, Output, PlanScreen, PlannedWave, StepDiff},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan (YAML); `-` reads it from standard input
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Make this text the plan of the migration under way; what has moved stays as it is
    #[arg(long)]
    amend: bool,
    /// Why, for the journal
    #[arg(long, value_name = "WHY", requires = "amend")]
    reason: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let file = args.plan.display().to_string();
    let plan = match plan_file::read_plan(&args.plan).await? {
        Ok(plan) => plan,
        Err(faults) => {
            // Programs read the faults where they read everything else; people read them in the error.
            if context.ui.output() == Output::Json {
                let findings = Findings {
                    faults: faults.clone(),
                    hazards: Vec::new(),
                };
                context.ui.show(&PlanScreen {
                    file,
                    findings,
                    ..PlanScreen::default()
                });
            }
            return Err(plan_file::faulty(&args.plan, &faults));
        }
    };
    plan_file::warn_independent(&plan, &context.ui);
    if args.amend {
        return amend(&plan, args.reason.as_deref(), context).await;
    }
    let db = context.db_to_read().await?;
    let webhooks = webhook::any(&db, clock::now(&db).await?).await?;
    let installed = webhook::installed(&db).await?;
    // Another plan, or another text of this one: shown all the same, and refused behind it.
    let (migration, refusal) = match installed {
        true => match pinned::migration(&db, &plan).await {
            Ok(migration) => (migration, None),
            Err(error) if error.kind() == Kind::Refused => (None, Some(error)),
            Err(error) => return Err(error),
        },
        false => (None, None),
    };
    let configs = match installed {
        true => Some(nats_config::names(&db).await?),
        false => None,
    };
    // A config that is not there is a fault of the plan, which the screen shows among the others.
    let stream = match configs
        .as_ref()
        .is_some_and(|known| known.contains(&plan.nats().config))
    {
        true => Some(stream_subjects(&db, &plan).await?),
        false => None,
    };
    let known = Known {
        stream: stream.as_deref(),
        configs: configs.as_deref(),
    };
    let away = match &migration {
        Some(migration) => away::read(&db, migration.id).await?,
        None => BTreeSet::new(),
    };
    let under_way = migration.as_ref().map(|migration| (migration, away));
    let mut screen = screen(file, &plan, webhooks, under_way, known);
    if let Some(refusal) = &refusal {
        screen.standing = refusal.message().to_string();
        screen.steps.clear();
    }
    context.ui.show(&screen);
    let faults = screen.findings.faults.total();
    if faults > 0 {
        return Err(Error::usage(format!("{} does not fit this database: {faults} to mend", screen.file))
            .hint("change the plan where the screen says so, then run `wavegate plan` again; nothing was changed"));
    }
    refusal.map_or(Ok(()), Err)
}

/// Shows what the text changes, asks, and pins it.
async fn amend(plan: &Plan, why: Option<&str>, context: &Context) -> Result<()> {
    let db = context.operator_db().await?;
    let Some(amending) = amend::survey(&db, plan).await? else {
        context
            .ui
            .note("the text says what the migration goes by already; nothing to amend");
        return Ok(());
    };
    let mut screen = AmendScreen {
        plan: plan.name().to_string(),
        amendment: amending.told.clone(),
        amended: false,
    };
    context.ui.show(&screen);
    if context.global.dry_run {
        context.ui.note("dry run: nothing was changed");
        return Ok(());
    }
    let question = format!("Make this the plan of {}?", plan.name());
    let confirmed = context
        .confirm(&question, Ask::Typed(plan.name().to_string()))
        .await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work::new(&db, &actor, &listener);
    let lock = lock::acquire(&db, &actor).await?;
    let done = amend::carry_out(&work, &lock, &amending, why, confirmed).await;
    let released = lock.release().await;
    done?;
    released?;
    screen.amended = true;
    context.ui.show(&screen);
    Ok(())
}

/// The subjects of the plan's stream by its definition in the database.
async fn stream_subjects(db: &Db, plan: &Plan) -> Result<Vec<String>> {
    let config = nats_config::load(db, &plan.nats().config).await?;
    Ok(
        nats_config::wanted_stream(db, &config, Some(&plan.nats().stream))
            .await?
            .subjects,
    )
}

/// What is known of NATS before anything is sent there: subjects of the stream, rows of `rule_nats_config`.
#[derive(Clone, Copy)]
struct Known<'a> {
    stream: Option<&'a [String]>,
    configs: Option<&'a [String]>,
}

/// Everything there is to say about the plan and these webhooks. `under_way`: with the members that were taken back alone.
fn screen(
    file: String,
    plan: &Plan,
    webhooks: Vec<Webhook>,
    under_way: Option<(&Migration, BTreeSet<i32>)>,
    known: Known<'_>,
) -> PlanScreen {
    let (migration, away) = match under_way {
        Some((migration, away)) => (Some(migration), away),
        None => (None, BTreeSet::new()),
    };
    let members = match migration {
        Some(migration) => Membership::fixed(&migration.members, &webhooks),
        None => membership(plan, &webhooks),
    };
    let snapshot = match migration {
        Some(migration) => Snapshot {
            waves: migration.waves.clone(),
            members: migration.members.clone(),
            webhooks,
            away,
        },
        None => Snapshot::before_start(plan, webhooks),
    };
    let begun: BTreeSet<String> = snapshot
        .waves
        .iter()
        .filter(|wave| wave.step != WaveStep::Pending)
        .map(|wave| wave.name.clone())
        .collect();
    let around = Surroundings {
        stream_subjects: known.stream,
        configs: known.configs,
        begun: migration.map(|_| &begun),
        amends: false,
    };
    let mut findings = lint(plan, &members, &snapshot.webhooks, around);
    if known.configs.is_none() {
        findings.hazards.push(Hazard {
            waves: Vec::new(),
            found: "migration 007 is not in place, so whether the stream takes in the subjects was not checked".to_string(),
            remedy: "wavegate schema apply".to_string(),
            webhooks: Vec::new(),
        });
    }
    let by_id: BTreeMap<i32, &Webhook> = snapshot
        .webhooks
        .iter()
        .map(|webhook| (webhook.id, webhook))
        .collect();
    let steps = match findings.faults.is_empty() {
        true => planner::next_steps(plan, &snapshot),
        false => Vec::new(),
    };
    PlanScreen {
        file,
        name: plan.name().to_string(),
        hash: plan.hash().to_string(),
        standing: standing(migration),
        waves: waves(plan, &snapshot, &members, &by_id),
        overlaps: members.overlaps.clone(),
        leftovers: members
            .leftovers
            .iter()
            .filter_map(|id| Some(by_id.get(id)?.name.clone()))
            .collect(),
        findings,
        steps: steps.iter().map(|step| diff(plan, step, &by_id)).collect(),
    }
}

fn standing(migration: Option<&Migration>) -> String {
    match migration.map(|migration| migration.started_at) {
        None => "not begun".to_string(),
        Some(Some(at)) => format!("under way since {}", at.format("%Y-%m-%d %H:%M UTC")),
        Some(None) => "under way".to_string(),
    }
}

fn waves(
    plan: &Plan,
    snapshot: &Snapshot,
    members: &Membership,
    by_id: &BTreeMap<i32, &Webhook>,
) -> Vec<PlannedWave> {
    let mut lines = Vec::new();
    for wave in plan.waves() {
        let ids = members
            .members
            .get(&wave.name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let webhooks: Vec<&Webhook> = ids.iter().filter_map(|id| by_id.get(id).copied()).collect();
        let status = snapshot
            .waves
            .iter()
            .find(|status| status.name == wave.name);
        lines.push(PlannedWave {
            name: wave.name.clone(),
            step: status.map_or(WaveStep::Pending, |status| status.step),
            calls_7d: webhooks.iter().map(|webhook| webhook.calls_7d).sum(),
            failed_7d: webhooks.iter().map(|webhook| webhook.failed_7d).sum(),
            members: webhooks
                .iter()
                .map(|webhook| Member {
                    id: webhook.id,
                    name: webhook.name.clone(),
                })
                .collect(),
            soak: Span(wave.soak),
            watch: Span(wave.watch),
            shares: wave.shares.iter().map(|share| share.percent()).collect(),
            hold: planner::decide(plan, snapshot, &wave.name)
                .err()
                .map(|hold| hold.to_string()),
        });
    }
    lines
}

fn diff(plan: &Plan, step: &Step, by_id: &BTreeMap<i32, &Webhook>) -> StepDiff {
    let with_subject = |mode: String, subject: Option<&str>| match subject {
        Some(subject) => format!("{mode}, subject {subject}"),
        None => mode,
    };
    let change = |webhook: &&Webhook| {
        let now = match webhook.mode {
            PublishMode::Queue => Mode::Queue,
            PublishMode::Both => Mode::Both(Share::new(webhook.share).unwrap_or(Share::ALL)),
            PublishMode::Nats => Mode::Nats,
        };
        let subject = plan.nats().subject.render(webhook).ok();
        Change {
            id: webhook.id,
            name: webhook.name.clone(),
            before: with_subject(now.to_string(), webhook.subject.as_deref()),
            after: with_subject(step.to.to_string(), subject.as_deref()),
        }
    };
    StepDiff {
        wave: step.wave.clone(),
        from: step.from,
        to: step.to,
        changes: step
            .webhooks
            .iter()
            .filter_map(|id| by_id.get(id))
            .map(change)
            .collect(),
    }
}
