//! `wavegate hold` and `wavegate release`: a wave, a webhook or everything stands still, for a reason, until a time.

use super::{Context, duration, instant, one_scope::OneScope};
use crate::{
    engine::{back::survey::Scope, standstill},
    error::{Error, Result},
    model::Ask,
    plan::unknown_wave,
    store::{
        Db, clock,
        hold::{self, Standstill, Wanted},
        journal, scope,
        state::{self, Migration},
    },
    ui::HoldScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub scope: OneScope,
    /// Why; without a reason the holds that stand are listed
    #[arg(long, value_name = "WHY", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: Option<String>,
    /// It ends by itself after this long (2h, 3d)
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse, conflicts_with = "until")]
    pub lasts: Option<std::time::Duration>,
    /// It ends by itself at this time (2026-12-01 08:00 in UTC, or RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    pub until: Option<instant::Instant>,
}

#[derive(Debug, clap::Args)]
pub struct ReleaseArgs {
    /// The number of the hold; `wavegate hold` lists them. Without it, the only one that stands
    pub hold: Option<i64>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let given = args.scope.all || args.scope.wave.is_some() || args.scope.webhook.is_some();
    let Some(why) = &args.reason else {
        if given || args.scope.bare.is_some() {
            return Err(Error::usage("say why: --reason 'a release is under way'"));
        }
        let db = context.db_to_read().await?;
        let migration = state::load(&db).await?;
        return show(&db, migration.as_ref(), context).await;
    };
    let wanted = args.scope.scope("what stands still")?;
    let db = context.operator_db().await?;
    let migration = state::load(&db).await?;
    let now = clock::now(&db).await?;
    let until = match (args.lasts, args.until) {
        (Some(lasts), _) => chrono::TimeDelta::from_std(lasts)
            .ok()
            .and_then(|lasts| now.checked_add_signed(lasts)),
        (None, Some(until)) => Some(until.before(now)),
        (None, None) => None,
    };
    if until.is_some_and(|until| until <= now) {
        return Err(
            Error::usage("that time is over; wanted one that is to come")
                .hint("--for 2h, or --until '2026-12-01 08:00'"),
        );
    }
    let wanted = Wanted {
        migration_id: migration.as_ref().map(|m| m.id),
        scope: wanted.to_string(),
        wave: match &wanted {
            Scope::Wave(name) => Some(known(migration.as_ref(), name)?),
            _ => None,
        },
        webhook_id: match &wanted {
            Scope::Webhook(name) => Some(scope::named(&db, name).await?),
            _ => None,
        },
        why,
        until,
    };
    if context.global.dry_run {
        context.ui.note("dry run: nothing was written");
        return Ok(());
    }
    let question = format!("Hold {}: {why}?", wanted.scope);
    let confirmed = context.confirm(&question, Ask::Key).await?;
    let line = hold::set(&wanted, confirmed);
    journal::append(&mut *db.pool().acquire().await?, &context.actor(), &line).await?;
    show(&db, migration.as_ref(), context).await
}

pub async fn release(args: ReleaseArgs, context: &Context) -> Result<()> {
    let db = context.operator_db().await?;
    let migration = state::load(&db).await?;
    let id = migration.as_ref().map(|m| m.id);
    let holds = hold::standing(&db, id).await?;
    let held = meant(&holds, args.hold)?;
    let question = format!("Release {}?", standstill::said(held));
    if context.global.dry_run {
        context
            .ui
            .note(&format!("dry run: nothing was written. {question}"));
        return Ok(());
    }
    let confirmed = context.confirm(&question, Ask::Key).await?;
    let line = hold::release(held, id, confirmed);
    journal::append(&mut *db.pool().acquire().await?, &context.actor(), &line).await?;
    show(&db, migration.as_ref(), context).await
}

fn meant(holds: &[Standstill], id: Option<i64>) -> Result<&Standstill> {
    let listed = |error: Error| {
        holds.iter().fold(error, |error, hold| {
            error.hint(format!(
                "{}: {}",
                standstill::release(hold),
                standstill::said(hold)
            ))
        })
    };
    match (id, holds) {
        (_, []) => Err(Error::refused("nothing is held")),
        (None, [one]) => Ok(one),
        (None, _) => Err(listed(Error::usage("more than one hold stands: say which"))),
        (Some(id), _) => holds
            .iter()
            .find(|hold| hold.id == id)
            .ok_or_else(|| listed(Error::usage(format!("no hold with the number {id} stands")))),
    }
}

fn known<'n>(migration: Option<&Migration>, name: &'n str) -> Result<&'n str> {
    match migration {
        Some(migration) if migration.wave(name).is_none() => Err(unknown_wave(
            &format!("migration {}", migration.name),
            name,
            migration.waves.iter().map(|wave| wave.name.as_str()),
        )),
        _ => Ok(name),
    }
}

async fn show(db: &Db, migration: Option<&Migration>, context: &Context) -> Result<()> {
    context.ui.show(&HoldScreen {
        holds: hold::standing(db, migration.map(|m| m.id)).await?,
    });
    Ok(())
}
