//! `wavegate signoff`: a role signs that a wave may leave its present step, or refuses it; without a role, who has signed.

use std::path::PathBuf;

use super::{Context, plan_file};
use crate::{
    engine::pinned,
    error::{Error, Result},
    model::{Ask, WaveStep},
    plan::{Plan, Wave, unknown_wave},
    store::{
        Db,
        signoff::{self, Matter},
        state::Migration,
    },
    ui::{SignoffScreen, SignoffWave},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The plan file; without it, the plan of the migration under way
    pub plan: Option<PathBuf>,
    /// The wave that is signed for; without --role, only this wave is shown
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    pub wave: Option<String>,
    /// Sign for this role of the wave's `signoff`
    #[arg(long, value_name = "ROLE", value_hint = clap::ValueHint::Other, requires = "wave")]
    pub role: Option<String>,
    /// Refuse instead: the gate `signoff` fails until this role signs
    #[arg(long, requires = "role")]
    pub refuse: bool,
    /// Why, for the journal and for who reads the gate
    #[arg(long, value_name = "TEXT", requires = "role")]
    pub note: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let plan = plan_file::given_or_pinned(args.plan.as_deref(), context).await?;
    let waves = waves(&plan, args.wave.as_deref())?;
    let db = match args.role {
        Some(_) => context.db_to_write().await?,
        None => context.db_to_read().await?,
    };
    let migration = pinned::migration(&db, &plan).await?;
    if let (Some(role), [wave]) = (&args.role, waves.as_slice()) {
        sign(
            &args,
            context,
            &db,
            &matter(&plan, migration.as_ref(), wave),
            wave,
            role,
        )
        .await?;
    }
    let mut shown = Vec::new();
    for wave in waves {
        let matter = matter(&plan, migration.as_ref(), wave);
        shown.push(SignoffWave {
            wave: wave.name.clone(),
            step: matter.from.clone(),
            roles: wave.signoff.clone(),
            given: signoff::given(&db, &matter).await?,
        });
    }
    context.ui.show(&SignoffScreen {
        plan: plan.name().to_string(),
        waves: shown,
    });
    Ok(())
}

/// The waves that want signatures, or the one that was named.
fn waves<'p>(plan: &'p Plan, only: Option<&str>) -> Result<Vec<&'p Wave>> {
    let Some(name) = only else {
        let waves: Vec<&Wave> = plan
            .waves()
            .iter()
            .filter(|w| !w.signoff.is_empty())
            .collect();
        return match waves.is_empty() {
            true => Err(Error::usage(format!(
                "no wave of the plan {} wants a sign-off",
                plan.name()
            ))
            .hint("a wave names its roles: signoff: [operations, product]")),
            false => Ok(waves),
        };
    };
    let wave = plan.wave(name).ok_or_else(|| {
        unknown_wave(
            &format!("the plan {}", plan.name()),
            name,
            plan.waves().iter().map(|w| w.name.as_str()),
        )
    })?;
    if wave.signoff.is_empty() {
        return Err(Error::usage(format!("wave {name} wants no sign-off"))
            .hint("a wave names its roles: signoff: [operations, product]"));
    }
    Ok(vec![wave])
}

fn matter<'m>(plan: &'m Plan, migration: Option<&'m Migration>, wave: &'m Wave) -> Matter<'m> {
    let status = migration.and_then(|m| m.wave(&wave.name));
    Matter {
        migration_id: migration.map(|m| m.id),
        plan: plan.name(),
        hash: migration.map_or(plan.hash(), |m| &m.hash),
        wave: &wave.name,
        from: status
            .map_or(WaveStep::Pending, |status| status.step)
            .to_string(),
        since: status.and_then(|status| status.entered_at),
    }
}

async fn sign(
    args: &Args,
    context: &Context,
    db: &Db,
    matter: &Matter<'_>,
    wave: &Wave,
    role: &str,
) -> Result<()> {
    if !wave.signoff.iter().any(|known| known == role) {
        return Err(Error::usage(format!(
            "`{role}` is no role that wave {} wants signed by",
            wave.name
        ))
        .hint(format!("it wants: {}", wave.signoff.join(", "))));
    }
    if matter.from == WaveStep::Finished.to_string() {
        return Err(Error::refused(format!(
            "wave {} is finished: there is no step to sign",
            wave.name
        )));
    }
    let question = match args.refuse {
        false => format!(
            "Sign as {role} that wave {} may leave the step `{}`?",
            wave.name, matter.from
        ),
        true => format!(
            "Refuse as {role} that wave {} leaves the step `{}`?",
            wave.name, matter.from
        ),
    };
    if context.global.dry_run {
        context
            .ui
            .note(&format!("dry run: nothing was written. {question}"));
        return Ok(());
    }
    let confirmed = context.confirm(&question, Ask::Yes).await?;
    let note = args
        .note
        .as_deref()
        .map(str::trim)
        .filter(|note| !note.is_empty());
    signoff::give(
        db,
        &context.actor(),
        matter,
        role,
        !args.refuse,
        note,
        confirmed,
    )
    .await
}
