//! `wavegate redrive`: gives every undelivered event its queue row.

use std::time::{Duration, Instant};

use super::{Context, duration, one_scope::OneScope};
use crate::{
    engine::{
        Work, no_checkpoint,
        redrive::{self, Survey},
    },
    error::{Error, Result},
    model::Progress,
    ui::{Ask, RedriveEffect, RedriveScreen},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub scope: OneScope,
    /// How long to wait for what NATS workers hold
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration::parse)]
    pub wait: Duration,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let scope = args.scope.scope("what is to be re-driven")?;
    let db = context.urgent_db().await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work {
        db: &db,
        actor: &actor,
        listener: &listener,
        checkpoint: &no_checkpoint,
    };
    let survey = redrive::survey(&db, scope).await?;
    context.ui.show(&effect(&survey));
    if survey.webhooks.is_empty() {
        let mut error = Error::refused(format!("{} has nothing to re-drive", survey.scope));
        for (row, reason) in survey.skipped.iter().take(5) {
            error = error.detail(format!("{} ({}): {reason}", row.name, row.webhook_id));
        }
        return Err(error.hint("`wavegate rollback` fences, re-drives and flips in one"));
    }
    if !survey.queue_worker_alive() {
        context.ui.warn(
            "no queue worker is alive: what the queue gets, nobody delivers. Start one: wavegate worker --path queue",
        );
    }
    if context.global.dry_run {
        context.ui.note("dry run: nothing was changed");
        return Ok(());
    }
    let question = format!("Give the queue what is undelivered of {}?", survey.scope);
    let confirmed = context.confirm(&question, Ask::Key).await?;
    let began = Instant::now();
    let redriven = redrive::carry_out(&work, &survey, args.wait, confirmed).await?;
    context.ui.show(&RedriveScreen {
        scope: survey.scope.to_string(),
        pulled: redriven.pulled,
        released: redriven.released,
        enqueued: redriven.enqueued,
        took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    });
    Ok(())
}

fn effect(survey: &Survey) -> RedriveEffect {
    let workers = |path: &str| survey.workers.iter().filter(|w| w.path == path).count();
    RedriveEffect {
        scope: survey.scope.to_string(),
        webhooks: survey.webhooks.clone(),
        fenced: survey.fenced.clone(),
        skipped: survey.skipped.clone(),
        undelivered: survey.undelivered.clone(),
        queue_workers: workers("queue"),
        nats_workers: workers("nats"),
        foreign_worker: survey.foreign_worker,
    }
}
