//! `wavegate close`: ends a migration, finished or abandoned.

use super::Context;
use crate::{
    engine::{Work, closing},
    error::{Error, Result},
    model::{Ask, Progress},
    store::{lock, state},
    ui::CloseScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Why it ends here; goes into the journal
    #[arg(long, value_name = "WHY")]
    pub reason: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = context.operator_db().await?;
    let migration = state::load(&db).await?.ok_or_else(|| {
        Error::refused("no migration is under way: there is nothing to close")
            .hint("`wavegate history` shows what was done")
    })?;
    let ending = closing::survey(&db, &migration).await?;
    let mut screen = CloseScreen {
        default_mode: closing::default_mode(&db, &migration, ending),
        migration,
        ending: ending.as_str(),
        closed: false,
        unfenced: Vec::new(),
    };
    context.ui.show(&screen);
    if context.global.dry_run {
        context.ui.note("dry run: nothing was changed");
        return Ok(());
    }
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work::new(&db, &actor, &listener);
    let name = screen.migration.name.clone();
    let question = format!("Close migration {name}?");
    let confirmed = context.confirm(&question, Ask::Typed(name)).await?;
    let lock = lock::acquire(&db, &actor).await?;
    let why = args.reason.as_deref();
    let closed = closing::carry_out(&work, &lock, &screen.migration, ending, why, confirmed).await;
    let released = lock.release().await;
    screen.unfenced = closed?;
    released?;
    screen.closed = true;
    context.ui.show(&screen);
    Ok(())
}
