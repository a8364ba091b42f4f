//! `wavegate history`: the journal, who did what and when.

use super::Context;
use crate::{
    error::{Error, Result},
    store::{journal, scope},
    ui::HistoryScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only lines about this wave
    #[arg(long, value_name = "NAME")]
    pub wave: Option<String>,
    /// Only what happened to this webhook, by name or id
    #[arg(long, value_name = "NAME|ID", conflicts_with = "wave")]
    pub webhook: Option<String>,
    /// The newest lines, at most so many
    #[arg(long, value_name = "LINES", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    pub limit: i64,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = context.db().await?;
    let webhook = match &args.webhook {
        None => None,
        Some(name) => Some(scope::named(&db, name).await?.ok_or_else(|| {
            Error::usage(format!("there is no webhook with the name or id `{name}`"))
        })?),
    };
    let lines = journal::newest(&db, args.limit, args.wave.as_deref(), webhook).await?;
    context.ui.show(&HistoryScreen {
        lines,
        commands: context.global.verbose > 0,
    });
    Ok(())
}
