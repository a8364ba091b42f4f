//! `wavegate drain`: what is left on each path, and whether the workers of one may be stopped.

use std::time::Duration;

use chrono::TimeDelta;

use super::{Context, duration, one_scope::OneScope};
use crate::{
    bus,
    engine::{
        Work,
        back::drain::{self, Left},
    },
    error::{Error, Result},
    model::{ConsumerDefinition, Path, Progress},
    store::{Db, clock, heartbeat, nats_config},
    ui::{DrainScreen, StreamLeft},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub scope: OneScope,
    /// Whose workers are to be stopped: queue, or nats after a rollback with --drain
    #[arg(long, value_name = "queue|nats", default_value = "queue")]
    pub path: Path,
    /// Wait this long for the path to be empty (for example 10m)
    #[arg(long, value_name = "DURATION", default_value = "0s", value_parser = duration::parse)]
    pub wait: Duration,
    /// Row of rule_nats_config whose stream is looked at
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub config: String,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let scope = args.scope.scope("whose workers are to be stopped")?;
    let db = context.db_to_read().await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work::new(&db, &actor, &listener);
    let left = drain::watch(&work, &scope, args.path, args.wait).await?;
    // Only told, never decisive: copies in the stream are copies.
    let foreign = foreign(&db).await?;
    let stream = in_stream(context, &db, &args.config, foreign.as_deref())
        .await
        .map_err(|error| error.message().to_string());
    context.ui.show(&screen(&left, stream, context));
    if left.because().is_empty() {
        return Ok(());
    }
    // The screen has said why.
    let error = Error::not_yet(format!("{} workers are still needed", word(args.path)));
    Err(match args.path {
        // What they have, nobody can take from them.
        Path::Nats if foreign.is_some() => {
            error.hint("keep your own NATS workers running until this passes")
        }
        Path::Queue => error.hint("keep a queue worker running: `wavegate worker --path queue`"),
        Path::Nats => error
            .hint("keep a NATS worker running: `wavegate worker --path nats`")
            .hint("or give the queue what NATS has: `wavegate redrive`"),
    })
}

fn word(path: Path) -> &'static str {
    match path {
        Path::Queue => "queue",
        Path::Nats => "NATS",
    }
}

/// The durable of foreign NATS workers, where they deliver.
async fn foreign(db: &Db) -> Result<Option<String>> {
    let since = clock::now(db).await? - TimeDelta::minutes(5);
    let relays = heartbeat::relays(db, since).await?;
    Ok(relays.into_iter().find_map(|relay| relay.foreign_consumer))
}

async fn in_stream(
    context: &Context,
    db: &Db,
    config: &str,
    foreign: Option<&str>,
) -> Result<StreamLeft> {
    let row = nats_config::load(db, config).await?;
    let bus = context.bus(db, config).await?;
    let name = row.stream_name;
    let live = bus::live_stream(&bus, &name).await?;
    let durable = match live {
        Some(_) => {
            bus::live_consumer(&bus, &name, foreign.unwrap_or(ConsumerDefinition::NAME)).await?
        }
        None => None,
    };
    Ok(StreamLeft {
        messages: live.map_or(0, |live| live.messages),
        pending: durable.as_ref().map(|durable| durable.pending),
        unacknowledged: durable.as_ref().map(|durable| durable.ack_pending as u64),
        stream: name,
    })
}

fn screen(left: &Left, stream: Result<StreamLeft, String>, context: &Context) -> DrainScreen {
    DrainScreen {
        scope: left.scope.to_string(),
        path: left.path,
        because: left.because(),
        others: left.others,
        webhooks: left.webhooks.clone(),
        queue: left.queue.clone(),
        in_queue: left.in_queue.clone(),
        in_nats: left.in_nats.clone(),
        stream,
        all: context.global.verbose > 0,
    }
}
