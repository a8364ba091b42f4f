//! `wavegate dead`: events that are out of attempts: list, inspect, requeue, discard.

use super::{
    Context,
    instant::{self, Instant},
    scope::ScopeArgs,
};
use crate::{
    engine::dead::{self, DeadScope},
    error::{Error, Result},
    model::{Ask, counted},
    store::{
        Db, clock,
        dead::{Act, Selection, events, inspect, payload, toll},
    },
    ui::{DeadDoneScreen, DeadScreen, InspectScreen},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// What is dead, by webhook and error
    #[command(after_help = super::examples::DEAD_LIST)]
    List(ListArgs),
    /// Everything that is known of one event, dead or not
    #[command(after_help = super::examples::DEAD_INSPECT)]
    Inspect(InspectArgs),
    /// One more attempt, due now
    #[command(after_help = super::examples::DEAD_REQUEUE)]
    Requeue(Which),
    /// Gives dead events up: their payloads go, the ledger keeps that they were
    #[command(after_help = super::examples::DEAD_DISCARD)]
    Discard(Which),
}

#[derive(Debug, clap::Args)]
struct Which {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Only this event, by event id, call-N or call id; may be repeated
    #[arg(long, value_name = "ID")]
    event: Vec<String>,
    /// Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    since: Option<Instant>,
    /// Only events committed before then
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    until: Option<Instant>,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    #[command(flatten)]
    which: Which,
    /// One by one
    #[arg(long)]
    events: bool,
    /// So many lines at most, the newest
    #[arg(long, value_name = "LINES", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

#[derive(Debug, clap::Args)]
struct InspectArgs {
    /// Event id, call-N or call id
    #[arg(value_name = "ID")]
    id: String,
    /// Show the payload, too
    #[arg(long)]
    payload: bool,
}

/// Groups that are shown before a question.
const SHOWN: i64 = 20;

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = match args.command {
        Sub::List(_) | Sub::Inspect(_) => context.db_to_read().await?,
        Sub::Requeue(_) | Sub::Discard(_) => context.db_to_write().await?,
    };
    match args.command {
        Sub::List(args) => list(args, &db, context).await,
        Sub::Inspect(args) => look(args, &db, context).await,
        Sub::Requeue(which) => act(which, Act::Requeue, &db, context).await,
        Sub::Discard(which) => act(which, Act::Discard, &db, context).await,
    }
}

async fn list(args: ListArgs, db: &Db, context: &Context) -> Result<()> {
    let scope = args.which.resolve(db).await?;
    let toll = toll(db, &scope.selection, args.limit).await?;
    let events = if args.events {
        Some(events(db, &scope.selection, args.limit).await?)
    } else {
        None
    };
    context.ui.show(&DeadScreen {
        scope: scope.words,
        toll,
        events,
    });
    Ok(())
}

async fn look(args: InspectArgs, db: &Db, context: &Context) -> Result<()> {
    let event = inspect(db, &args.id).await?.ok_or_else(|| {
        Error::usage(format!(
            "nothing is known of an event or call `{}`",
            args.id
        ))
        .hint("`wavegate dead list --events` lists dead ones")
    })?;
    let payload = if args.payload {
        payload(db, &event).await?
    } else {
        None
    };
    context.ui.show(&InspectScreen { event, payload });
    Ok(())
}

async fn act(which: Which, act: Act, db: &Db, context: &Context) -> Result<()> {
    let (verb, word) = match act {
        Act::Requeue => ("requeue", "requeued"),
        Act::Discard => ("discard", "discarded"),
    };
    if !which.scope.is_given() && which.event.is_empty() {
        return Err(Error::usage(format!("say what is to be {word}"))
            .hint("--event ID      one event, as `wavegate dead list --events` shows it")
            .hint("--webhook NAME  one webhook, by name or id")
            .hint("--wave NAME     every webhook of one wave")
            .hint("--all           every webhook"));
    }
    let name = which.name();
    let scope = which.resolve(db).await?;
    let toll = toll(db, &scope.selection, SHOWN).await?;
    if toll.events == 0 {
        return Err(Error::refused(format!(
            "there is nothing to {verb}: no event is dead ({})",
            scope.words
        ))
        .hint("`wavegate dead list` shows what is dead"));
    }
    let able = match act {
        Act::Requeue => toll.able,
        Act::Discard => toll.events,
    };
    context.ui.show(&DeadScreen {
        scope: scope.words.clone(),
        toll,
        events: None,
    });
    if context.global.dry_run {
        context.ui.note("dry run: nothing was changed");
        return Ok(());
    }
    let (question, ask) = match act {
        Act::Requeue => (format!("Requeue {}?", counted(able, "event")), Ask::Yes),
        Act::Discard => (
            format!(
                "Discard {}? What is discarded cannot be brought back.",
                counted(able, "event")
            ),
            Ask::Typed(name),
        ),
    };
    let confirmed = context.confirm(&question, ask).await?;
    let listener = |event| context.ui.progress(&event);
    let actor = context.actor();
    let done = dead::carry_out(db, &actor, &scope, act, confirmed, able, &listener).await?;
    context.ui.show(&DeadDoneScreen {
        scope: scope.words,
        act,
        events: done.events,
        calls: done.calls,
        left: done.left,
    });
    if done.events + done.calls == 0 {
        return Err(Error::refused(format!(
            "nothing was {word}: what was dead is in other hands by now, or cannot be {word}"
        ))
        .hint("`wavegate dead list` shows what is dead now"));
    }
    Ok(())
}

impl Which {
    async fn resolve(self, db: &Db) -> Result<DeadScope> {
        let now = clock::now(db).await?;
        let chosen = self.scope.resolve(db).await?;
        let words = match self.event.as_slice() {
            [] => chosen.words,
            [one] => format!("event {one}"),
            many => counted(many.len(), "named event"),
        };
        Ok(DeadScope {
            words,
            wave: self.scope.wave,
            selection: Selection {
                webhooks: chosen.webhooks,
                events: (!self.event.is_empty()).then_some(self.event),
                since: self.since.map(|at| at.before(now)),
                until: self.until.map(|at| at.before(now)),
            },
        })
    }

    /// What is typed to discard them: the one event, webhook or wave, `all`, or else `discard`.
    fn name(&self) -> String {
        match (self.event.as_slice(), self.scope.webhook.as_slice()) {
            ([one], _) | ([], [one]) => one.clone(),
            ([], []) if self.scope.all => "all".to_string(),
            ([], []) => self.scope.wave.clone().unwrap_or_default(),
            _ => "discard".to_string(),
        }
    }
}
