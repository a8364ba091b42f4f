//! `wavegate approve`: consent to exactly the next step of one wave, for `run`.

use std::path::PathBuf;

use super::{Context, plan_file};
use crate::{
    engine::{
        forward::choice::{self, Task, Wish},
        pinned, snapshot,
    },
    error::Result,
    model::{Ask, WaveStep},
    store::{
        approval::{self, ApprovedStep},
        clock, journal,
    },
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file; without it, the plan of the migration under way
    pub plan: Option<PathBuf>,
    /// The wave whose next step is approved
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    pub wave: String,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    let db = context.operator_db().await?;
    let migration = pinned::migration(&db, &plan).await?;
    let now = clock::now(&db).await?;
    let snapshot = snapshot::read(&db, &plan, migration.as_ref(), now).await?;
    let wish = Wish {
        wave: Some(&args.wave),
        ..Wish::default()
    };
    let status = migration.as_ref().and_then(|m| m.wave(&args.wave));
    let from = status.map_or(WaveStep::Pending, |status| status.step);
    let to = match choice::choose(&plan, &snapshot, wish, now)? {
        Task::Flip(flip) => Some(flip.step.to),
        Task::Finish { .. } => None,
    };
    let step = ApprovedStep {
        migration_id: migration.as_ref().map(|m| m.id),
        plan: plan.name(),
        hash: plan.hash(),
        wave: &args.wave,
        from,
        to,
        since: status.and_then(|status| status.entered_at),
    };
    let target = to.map_or("finished".to_string(), |to| to.to_string());
    let what = format!("wave {} from {from} to {target}", args.wave);
    if let Some(given) = approval::given(&db, &step).await? {
        context.ui.note(&format!(
            "{} approved {what} already, {}",
            given.who,
            given.at.format("%Y-%m-%d %H:%M UTC")
        ));
        return Ok(());
    }
    let question = format!("Approve that `run` takes {what} once its gates pass?");
    if context.global.dry_run {
        context
            .ui
            .note(&format!("dry run: nothing was written. {question}"));
        return Ok(());
    }
    let confirmed = context
        .confirm(&question, Ask::Typed(args.wave.clone()))
        .await?;
    let note = args
        .note
        .as_deref()
        .map(str::trim)
        .filter(|note| !note.is_empty());
    let line = approval::give(&step, note, confirmed);
    journal::append(&mut *db.pool().acquire().await?, &context.actor(), &line).await?;
    context.ui.note(&format!("approved: {what}"));
    Ok(())
}
