//! `wavegate audit`: how many events were committed, and where each is.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Context, duration,
    instant::{self, Instant},
    scope::ScopeArgs,
};
use crate::{
    error::{Error, Kind, Result},
    model::counted,
    store::{
        audit::{self, Span},
        clock,
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
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = context.db().await?;
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
    context.ui.show(&AuditScreen {
        scope: chosen.words,
        since: span.since,
        until: span.until,
        account,
    });
    if nowhere == 0 {
        return Ok(());
    }
    Err(
        Error::new(Kind::GateFailed, format!("{} nowhere", are(nowhere)))
            .hint("docs/runbook.md, \"An event is nowhere\", says what to do for each reason"),
    )
}

fn are(events: i64) -> String {
    let verb = if events == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(events, "event"))
}
