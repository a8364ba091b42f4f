//! `wavegate rollback`: takes back one webhook, a wave or everything.

use std::time::Duration;

use clap::ValueEnum;

use super::{Context, barrier_args::BarrierArgs, one_scope::OneScope};
use crate::{
    engine::{
        Work,
        back::undo::Manner,
        back::{self, Done, Request},
    },
    error::Result,
    model::{Goal, Progress},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub scope: OneScope,
    /// both: the queue delivers all, callers go on to write both routes; queue: as before the migration
    #[arg(long, value_enum, value_name = "MODE", conflicts_with = "level")]
    pub to: Option<To>,
    /// 1: to both with share 0 (default); 2: to queue; 3: to queue, and take migration 007 back
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u8).range(1..=3))]
    pub level: Option<u8>,
    /// Set no fence: NATS workers finish what they have. For when no queue worker can be started
    #[arg(long)]
    pub drain: bool,
    #[command(flatten)]
    pub barrier: BarrierArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum To {
    Both,
    Queue,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let request = Request {
        scope: args.scope.scope("what is to be taken back")?,
        goal: match (args.to, args.level) {
            (Some(To::Queue), _) | (_, Some(2 | 3)) => Goal::Queue,
            _ => Goal::Both,
        },
        with_schema: args.level == Some(3),
        manner: Manner {
            patience: args.barrier.patience(),
            drain: args.drain,
            lock_patience: Duration::from_secs(30),
        },
        dry_run: context.global.dry_run,
    };
    let db = context.urgent_db().await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work::new(&db, &actor, &listener);
    if let Done::Nothing = back::rollback(&work, &request, context).await? {
        context.ui.note("dry run: nothing was changed");
    }
    Ok(())
}
