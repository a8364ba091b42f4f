//! `wavegate restore` and `wavegate adopt`: what somebody changed by hand is put back, or stands.

use super::{Context, barrier_args::BarrierArgs, one_scope::OneScope};
use crate::{
    engine::{
        Work,
        drift::{self, Survey, adopt, restore},
    },
    error::Result,
    model::{Ask, Progress},
    ui::DriftScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub scope: OneScope,
    #[command(flatten)]
    pub barrier: BarrierArgs,
}

pub async fn restore(args: Args, context: &Context) -> Result<()> {
    let scope = args.scope.scope("what is to be put back")?;
    let db = context.operator_db().await?;
    let shown = drift::survey(&db, scope).await?;
    let mut screen = screen("restore", &shown);
    screen.follows = restore::follows(&shown);
    context.ui.show(&screen);
    restore::check(&shown)?;
    if context.global.dry_run {
        context.ui.note("dry run: nothing was changed");
        return Ok(());
    }
    let confirmed = match shown.drifts.is_empty() {
        true => None,
        false => {
            let question = format!("Put {} back as wavegate wrote it?", shown.scope);
            Some(context.confirm(&question, restore::ask(&shown)).await?)
        }
    };
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work::new(&db, &actor, &listener);
    let patience = args.barrier.patience();
    screen.barrier = Some(restore::carry_out(&work, &shown, &patience, confirmed).await?);
    screen.done = true;
    context.ui.show(&screen);
    Ok(())
}

pub async fn adopt(args: Args, context: &Context) -> Result<()> {
    let scope = args.scope.scope("what is to stand as it is")?;
    let db = context.operator_db().await?;
    let shown = drift::survey(&db, scope).await?;
    let mut screen = screen("adopt", &shown);
    screen.follows = adopt::follows(&shown);
    context.ui.show(&screen);
    adopt::check(&shown)?;
    if context.global.dry_run {
        context.ui.note("dry run: nothing was changed");
        return Ok(());
    }
    let question = format!("Let {} stand as it is?", shown.scope);
    let confirmed = context.confirm(&question, Ask::Yes).await?;
    let actor = context.actor();
    let listener = |event: Progress| context.ui.progress(&event);
    let work = Work::new(&db, &actor, &listener);
    let patience = args.barrier.patience();
    adopt::carry_out(&work, &shown, &patience, context, confirmed).await?;
    screen.done = true;
    context.ui.show(&screen);
    Ok(())
}

fn screen(act: &'static str, shown: &Survey) -> DriftScreen {
    DriftScreen {
        act,
        scope: shown.scope.to_string(),
        drifts: shown.drifts.clone(),
        follows: Vec::new(),
        done: false,
        barrier: None,
    }
}
