//! `wavegate schema`: migration 007: status, apply, verify, revert.

use std::{process::Stdio, time::Duration};

use super::Context;
use crate::{
    engine::schema::{self, ApplyOptions},
    error::{Context as _, Error, Kind, Result},
    model::{Ask, counted},
    store::{
        Db, lead,
        rights::{self, Role},
        schema::{Finding, PG_DUMP, Status, all_obstacles, checks},
    },
    ui::{SchemaDifferences, SchemaEffect, SchemaRevert, SchemaSql, SchemaStatus},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sub,
}

#[derive(Debug, clap::Subcommand)]
enum Sub {
    /// How far each step is
    #[command(after_help = super::examples::SCHEMA_STATUS)]
    Status,
    /// Carries out what is missing, step by step; run again, it continues
    #[command(after_help = super::examples::SCHEMA_APPLY)]
    Apply(ApplyArgs),
    /// Compares the live catalogue with what is wanted; any difference ends with code 5
    #[command(after_help = super::examples::SCHEMA_VERIFY)]
    Verify,
    /// Takes everything back that apply made, and puts back what it replaced
    #[command(after_help = super::examples::SCHEMA_REVERT)]
    Revert(RevertArgs),
    /// Prints the statements that make the roles of docs/privileges.md, for this database
    #[command(after_help = super::examples::SCHEMA_ROLES)]
    Roles(RolesArgs),
}

#[derive(Debug, clap::Args)]
struct RolesArgs {
    /// Role of the people who run the migration
    #[arg(long, value_name = "NAME", default_value = "wavegate_operator")]
    operator: String,
    /// Role of relay and workers
    #[arg(long, value_name = "NAME", default_value = "wavegate_carrier")]
    carrier: String,
    /// Role that only looks
    #[arg(long, value_name = "NAME", default_value = "wavegate_reader")]
    reader: String,
    /// Role of an application that was made after `schema apply`; repeatable
    #[arg(long, value_name = "NAME")]
    application: Vec<String>,
}

#[derive(Debug, clap::Args)]
struct ApplyArgs {
    /// Makes a backup: run by the shell, must end with code 0
    #[arg(long, value_name = "CMD", conflicts_with = "i_have_a_backup")]
    backup_command: Option<String>,
    /// There is a current backup already
    #[arg(long)]
    i_have_a_backup: bool,
    /// Replace the engine's own functions that are named in the effect; revert puts them back
    #[arg(long)]
    take_over_functions: bool,
    #[command(flatten)]
    locks: LockArgs,
}

#[derive(Debug, clap::Args)]
struct RevertArgs {
    #[command(flatten)]
    locks: LockArgs,
}

#[derive(Debug, clap::Args)]
struct LockArgs {
    /// How long one step goes on trying to get its locks, half a second at a time
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    lock_wait: u64,
}

impl LockArgs {
    fn options(&self) -> ApplyOptions {
        ApplyOptions {
            lock_wait: Duration::from_secs(self.lock_wait),
            ..ApplyOptions::default()
        }
    }
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let db = match args.command {
        Sub::Status | Sub::Verify | Sub::Roles(_) => context.db_to_read().await?,
        Sub::Apply(_) | Sub::Revert(_) => context.db_to_write().await?,
    };
    match args.command {
        Sub::Status => {
            context.ui.show(&SchemaStatus(&schema::status(&db).await?));
            Ok(())
        }
        Sub::Verify => verify(&db, context).await,
        Sub::Apply(args) => apply(args, &db, context).await,
        Sub::Revert(args) => revert(&args, &db, context).await,
        Sub::Roles(args) => roles(&args, &db, context).await,
    }
}

/// Statements that may run again; a role that is there keeps its password and its other rights.
async fn roles(args: &RolesArgs, db: &Db, context: &Context) -> Result<()> {
    let mut named = vec![
        (Role::Operator, &args.operator),
        (Role::Carrier, &args.carrier),
        (Role::Reader, &args.reader),
    ];
    named.extend(
        args.application
            .iter()
            .map(|name| (Role::Application, name)),
    );
    let mut statements = Vec::new();
    for (role, name) in named {
        let mut list = vec![rights::create(name)];
        list.extend(rights::grants(db, role, name).await?);
        statements.push((format!("{}: {name}", role.word()), list.join(";\n")));
    }
    context.ui.show(&SchemaSql {
        statements: &statements,
    });
    if !lead::versioned(db).await? {
        context.ui.note("migration 007 is not in place: run what is printed for `init` and `plan`, and once more after `wavegate schema apply`");
    }
    Ok(())
}

async fn verify(db: &Db, context: &Context) -> Result<()> {
    let differences = schema::verify(db).await?;
    context.ui.show(&SchemaDifferences(&differences));
    match differences.len() {
        0 => Ok(()),
        n => Err(Error::refused(format!(
            "the schema differs in {n} points from what is wanted"
        ))
        .hint(
            "wavegate schema apply adds what is missing; what differs is for its owner to decide",
        )),
    }
}

async fn apply(args: ApplyArgs, db: &Db, context: &Context) -> Result<()> {
    let status = schema::status(db).await?;
    let checks = checks(db).await?;
    let effect = SchemaEffect {
        status: &status,
        checks: &checks,
    };
    if context.global.dry_run {
        context.ui.show(&SchemaSql {
            statements: &schema::pending_sql(db, &status).await?,
        });
        context.ui.note("nothing was changed");
        return Ok(());
    }
    if status.pending() == 0 && status.steps.iter().all(|step| step.applied_at.is_some()) {
        context.ui.show(&SchemaStatus(&status));
        context.ui.note("migration 007 is in place; nothing to do");
        return Ok(());
    }
    context.ui.show(&effect);
    let mut bad = checks.iter().filter(|check| check.finding == Finding::Bad);
    if let Some(first) = bad.next() {
        let error = Error::refused(format!("{}: {}", first.check, first.found));
        return Err(bad.fold(error.hint(first.remedy.clone()), |error, check| {
            error.hint(format!(
                "{}: {}: {}",
                check.check, check.found, check.remedy
            ))
        }));
    }
    if let (Some(command), Some(check)) = (
        &args.backup_command,
        checks.iter().find(|c| c.check == PG_DUMP),
    ) && check.finding != Finding::Good
        && command.contains("pg_dump")
    {
        return Err(Error::refused(format!(
            "what pg_dump writes would be no backup of this database: {}",
            check.found
        ))
        .hint(check.remedy.clone())
        .hint("wavegate schema apply --backup-command 'pg_basebackup -D DIRECTORY'"));
    }
    take_over(&args, &status, context).await?;
    if args.backup_command.is_none() && !args.i_have_a_backup {
        context
            .confirm(
                "Is there a current backup of this database?",
                Ask::Typed("backup".to_string()),
            )
            .await
            .map_err(|error| match error.kind() {
                Kind::Declined => error.hint(
                    "--i-have-a-backup says that there is one; --backup-command CMD has one made",
                ),
                _ => error,
            })?;
    }
    let question = format!(
        "Apply {} steps to database {}?",
        status.pending(),
        status.database
    );
    let consent = context.confirm(&question, Ask::Yes).await?;
    if let Some(command) = &args.backup_command {
        backup(command, context).await?;
    }
    let listener = |event| context.ui.progress(&event);
    let options = ApplyOptions {
        agreed: Some(status.take_over.keys().cloned().collect()),
        ..args.locks.options()
    };
    schema::apply(db, &context.actor(), &options, &listener, consent).await?;
    context.ui.show(&SchemaStatus(&schema::status(db).await?));
    Ok(())
}

/// Functions of the engine are replaced only if somebody agreed to that by name: `--yes` is not enough.
async fn take_over(args: &ApplyArgs, status: &Status, context: &Context) -> Result<()> {
    if status.take_over.is_empty() || args.take_over_functions {
        return Ok(());
    }
    let names: Vec<&str> = status.take_over.keys().map(String::as_str).collect();
    let declined = || {
        Error::new(
            Kind::Declined,
            format!(
                "these functions exist already and would be replaced: {}",
                names.join(", ")
            ),
        )
        .hint("agree with --take-over-functions; revert puts them back as they are now")
    };
    if context.global.yes {
        return Err(declined());
    }
    let question = format!("Replace {}?", counted(names.len(), "function"));
    context
        .confirm(&question, Ask::Yes)
        .await
        .map_err(|error| match error.kind() {
            Kind::Declined => declined(),
            _ => error,
        })?;
    Ok(())
}

/// Runs the operator's own backup; its output goes where ours goes.
async fn backup(command: &str, context: &Context) -> Result<()> {
    context.ui.note("making the backup");
    let status = tokio::process::Command::new("/bin/sh")
        .arg("-c")
        .arg(command)
        .stdin(Stdio::null())
        .stdout(context.ui.aside_of_a_child())
        .kill_on_drop(true)
        .status()
        .await
        .context("the backup command did not start")?;
    if status.success() {
        return Ok(());
    }
    Err(Error::failed(format!(
        "the backup command ended with {status}; nothing was changed"
    ))
    .hint("see its own messages above; apply wants it to end with code 0"))
}

async fn revert(args: &RevertArgs, db: &Db, context: &Context) -> Result<()> {
    let undo = schema::undo_statements(db).await?;
    if undo.is_empty() {
        return Err(Error::refused(
            "there is nothing to take back: no record of migration 007 is here",
        )
        .hint("`wavegate schema status` shows how far each step is"));
    }
    if context.global.dry_run {
        let statements: Vec<_> = undo
            .iter()
            .map(|(step, undo)| (step.clone(), undo.join(";\n")))
            .collect();
        context.ui.show(&SchemaSql {
            statements: &statements,
        });
        context.ui.note("nothing was changed");
        return Ok(());
    }
    let status = schema::status(db).await?;
    let mut connection = db.pool().acquire().await?;
    let obstacles = all_obstacles(&mut connection, db.shape()).await?;
    drop(connection);
    context.ui.show(&SchemaRevert {
        status: &status,
        obstacles: &obstacles,
    });
    schema::allowed(&obstacles)?;
    let question = format!("Take migration 007 out of database {}?", status.database);
    let consent = context
        .confirm(&question, Ask::Typed(status.database.clone()))
        .await?;
    let listener = |event| context.ui.progress(&event);
    schema::revert(
        db,
        &context.actor(),
        &args.locks.options(),
        &listener,
        consent,
    )
    .await?;
    Ok(())
}
