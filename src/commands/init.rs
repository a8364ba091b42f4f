//! `wavegate init`: reads the database and writes a commented wave plan.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::{DateTime, Utc};

use super::{Context, gate::calibrate::of_wave};
use crate::{
    error::{Context as _, Error, Result},
    plan::{Advised, Draft, Label, Plan, draft},
    store::{Db, clock, nats_config, webhook},
    ui::InitScreen,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write the plan to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "out")]
    force: bool,
    /// Name of the migration; `migration-` and the date unless given
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    if let Some(out) = args
        .out
        .as_deref()
        .filter(|out| out.exists() && !args.force)
    {
        return Err(exists(out));
    }
    let db = context.db_to_read().await?;
    let now = clock::now(&db).await?;
    let name = args
        .name
        .unwrap_or_else(|| format!("migration-{}", now.format("%Y-%m-%d")));
    let Label(name) = name.parse().map_err(|wrong: crate::plan::Wrong| {
        Error::usage(format!("--name: found {}", wrong.found))
            .hint(format!("wanted {}", wrong.wanted))
    })?;
    let webhooks = webhook::any(&db, now).await?;
    if webhooks.is_empty() {
        return Err(
            Error::refused("the database has no webhook, so there is nothing to plan")
                .hint("check the database name in --database-url"),
        );
    }
    // Before migration 007 there is no such table, and the name is the engine's own default.
    let stream = nats_config::load(&db, "default")
        .await
        .map_or_else(|_| "WEBHOOKS".to_string(), |config| config.stream_name);
    let drafted = draft(&name, &stream, &webhooks, &BTreeMap::new());
    let advised = advised(&db, &drafted, now).await?;
    let draft = draft(&name, &stream, &webhooks, &advised);
    let file = match args.out.as_deref().filter(|_| !context.global.dry_run) {
        Some(out) => {
            write(out, &draft.text, args.force)?;
            Some(out.display().to_string())
        }
        None => None,
    };
    for wave in draft.waves.iter().filter(|wave| wave.nothing_to_judge) {
        context.ui.warn(&format!(
            "wave {} has nothing to judge: every webhook of it is switched off or had no call in 7 days; join it to another, or name roles in its `signoff`",
            wave.name
        ));
    }
    context.ui.show(&InitScreen { draft, file });
    Ok(())
}

/// How often the past of a wave with bursts is played again: nobody waits long for a draft.
const RUNS: u32 = 50;
/// What is longer is for a person to decide.
const LONGEST_SOAK: Duration = Duration::from_secs(28 * 86_400);

/// What `gate calibrate` would say of the drafted waves, where it is not what is drafted.
async fn advised(
    db: &Db,
    drafted: &Draft,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, Advised>> {
    let plan = Plan::parse(&drafted.text).map_err(|_| {
        Error::failed("the drafted plan cannot be read: this is a fault of wavegate")
    })?;
    let mut all = BTreeMap::new();
    for (wave, planned) in drafted.waves.iter().zip(plan.waves()) {
        if wave.calls_7d == 0 {
            continue;
        }
        let found = of_wave(db, planned, &wave.members, now, 1, |bursts| {
            if bursts.count > 0 { RUNS } else { 0 }
        })
        .await?;
        let other = found.advice.iter().filter(|one| one.advised != one.planned);
        let advised = Advised {
            block: found.block,
            soak: found.soak.filter(|soak| *soak <= LONGEST_SOAK),
            why: other
                .map(|one| {
                    format!(
                        "{}: {} instead of {}: {}",
                        one.setting, one.advised, one.planned, one.why
                    )
                })
                .collect(),
        };
        all.insert(wave.name.clone(), advised);
    }
    Ok(all)
}

fn write(out: &Path, text: &str, force: bool) -> Result<()> {
    let written = match force {
        true => replace(out, text),
        false => {
            std::fs::File::create_new(out).and_then(|mut file| file.write_all(text.as_bytes()))
        }
    };
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(out)),
        done => done.context(format!("cannot write {}", out.display())),
    }
}

/// The whole text, or what was there before: written beside the file, then given its name. Through a link, the file that it leads to.
fn replace(out: &Path, text: &str) -> std::io::Result<()> {
    let target = std::fs::canonicalize(out).unwrap_or_else(|_| out.to_path_buf());
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    let beside = target.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = std::fs::File::create_new(&beside).and_then(|mut file| {
        if let Ok(there) = std::fs::metadata(&target) {
            file.set_permissions(there.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &target)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn exists(out: &Path) -> Error {
    Error::refused(format!("{} exists; it was not touched", out.display()))
        .hint("name another file with --out, or overwrite it with --force")
}
