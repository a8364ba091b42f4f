//! `wavegate audit`: how many events were committed, and where each is.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Context, duration,
    instant::{self, Instant},
    scope::ScopeArgs,
};
use crate::{
    engine::strangers,
    error::{Error, Kind, Result},
    model::{Strangers, counted},
    store::{
        Db,
        audit::{self, Span},
        clock, nats_config,
    },
    ui::AuditScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Only events committed since then: 2h, 7d, 2026-11-21, "2026-11-21 14:00" (UTC), RFC 3339
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    pub since: Option<Instant>,
    /// Only events committed before then
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    pub until: Option<Instant>,
    /// Ids that callers chose are asked about for so long; set it lower where the queue is cleaned earlier
    #[arg(long, value_name = "AGE", default_value = "7d", value_parser = duration::parse)]
    pub retention: Duration,
    /// Look for messages in the stream that PostgreSQL never knew, too; reads their headers, touches none
    #[arg(long)]
    pub strangers: bool,
    /// With --strangers: look at so many messages, the newest
    #[arg(long, value_name = "MESSAGES", default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000), requires = "strangers")]
    pub limit: u64,
    /// With --strangers: row of rule_nats_config
    #[arg(
        long,
        value_name = "NAME",
        default_value = "default",
        requires = "strangers"
    )]
    pub config: String,
    /// With --strangers: the stream; without it, the one of the config
    #[arg(long, value_name = "NAME", requires = "strangers")]
    pub stream: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = context.db_to_read().await?;
    let now = clock::now(&db).await?;
    let chosen = args.scope.resolve(&db).await?;
    let span = Span {
        webhooks: chosen.webhooks,
        since: args.since.map(|at| at.before(now)),
        until: args.until.map(|at| at.before(now)),
    };
    if let (Some(since), Some(until)) = (span.since, span.until)
        && since >= until
    {
        return Err(Error::usage("--since is not before --until"));
    }
    let kept = TimeDelta::from_std(args.retention).unwrap_or(TimeDelta::MAX);
    let account = audit::account(&db, &span, kept).await?;
    let nowhere = account.nowhere;
    // NATS may be away: the account does not depend on it, and comes first.
    let (strangers, failed) = match look(&args, &db, context).await {
        Ok(strangers) => (strangers, None),
        Err(error) => (None, Some(error)),
    };
    context.ui.show(&AuditScreen {
        scope: chosen.words,
        since: span.since,
        until: span.until,
        account,
        strangers,
    });
    if nowhere == 0 {
        return failed.map_or(Ok(()), Err);
    }
    Err(
        Error::new(Kind::GateFailed, format!("{} nowhere", are(nowhere)))
            .hint("docs/runbook.md, \"An event is nowhere\", says what to do for each reason"),
    )
}

async fn look(args: &Args, db: &Db, context: &Context) -> Result<Option<Strangers>> {
    if !args.strangers {
        return Ok(None);
    }
    let config = nats_config::load(db, &args.config).await?;
    let stream = args.stream.as_deref().unwrap_or(&config.stream_name);
    let bus = context.bus(db, &args.config).await?;
    Ok(Some(strangers::find(db, &bus, stream, args.limit).await?))
}

fn are(events: i64) -> String {
    let verb = if events == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(events, "event"))
}
