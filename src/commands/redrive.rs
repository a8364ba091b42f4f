//! `wavegate redrive`: gives every undelivered event its queue row.

use std::time::Duration;

use super::{Context, duration, one_scope::OneScope};
use crate::{
    engine::{Work, back},
    error::Result,
    model::Progress,
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
    let work = Work::new(&db, &actor, &listener);
    let dry_run = context.global.dry_run;
    if back::redrive(&work, scope, args.wait, dry_run, context)
        .await?
        .is_none()
    {
        context.ui.note("dry run: nothing was changed");
    }
    Ok(())
}
