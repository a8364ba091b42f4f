//! `wavegate history`: the journal, who did what and when.

use super::Context;
use crate::{
    error::Result,
    plan::unknown_wave,
    store::{Db, journal, scope, state},
    ui::HistoryScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only lines about this wave
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    pub wave: Option<String>,
    /// Only what happened to this webhook, by name or id
    #[arg(long, value_name = "NAME|ID", value_hint = clap::ValueHint::Other, conflicts_with = "wave")]
    pub webhook: Option<String>,
    /// The newest lines, at most so many
    #[arg(long, value_name = "LINES", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    pub limit: i64,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = context.db_to_read().await?;
    let webhook = match &args.webhook {
        None => None,
        Some(name) => Some(scope::named(&db, name).await?),
    };
    let lines = journal::newest(&db, args.limit, args.wave.as_deref(), webhook).await?;
    if let (Some(wave), true) = (&args.wave, lines.is_empty()) {
        exists(&db, wave).await?;
    }
    context.ui.show(&HistoryScreen {
        lines,
        commands: context.global.verbose > 0,
    });
    Ok(())
}

/// A wave without a line has not begun, or is misspelt.
async fn exists(db: &Db, wave: &str) -> Result<()> {
    let waves = state::load(db).await?.map_or_else(Vec::new, |m| m.waves);
    match waves.iter().any(|known| known.name == wave) {
        true => Ok(()),
        false => Err(unknown_wave(
            "the journal",
            wave,
            waves.iter().map(|known| known.name.as_str()),
        )),
    }
}
