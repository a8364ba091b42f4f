//! One file a command: its arguments and a short `run`. No SQL here, no policy.

mod actor;
mod apply;
mod approve;
mod audit;
mod barrier_args;
mod close;
pub mod completions;
mod context;
mod dead;
mod drain;
mod drift;
mod duration;
mod ending;
mod environment;
mod examples;
mod gate;
mod history;
mod hold;
mod init;
mod instant;
mod lab;
pub mod man;
mod one_scope;
mod options;
mod plan;
mod plan_file;
mod preflight;
mod redrive;
mod relay;
mod rollback;
mod run;
mod scenes;
mod schema;
mod scope;
mod signoff;
mod status;
mod stream;
mod worker;

pub use context::Context;
pub use options::GlobalOptions;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::{
    error::{Error, Kind, Result},
    store::rights::Role,
    ui::{self, Output, Ui},
};

/// Moves webhooks from a PostgreSQL queue to NATS JetStream, wave by wave, losing nothing, and back.
#[derive(Debug, Parser)]
#[command(
    name = "wavegate",
    version,
    max_term_width = 100,
    after_help = "A migration, in short:\n  \
        wavegate init --out plan.yaml     a plan from what the database holds; edit it\n  \
        wavegate schema apply             migration 007, safe on a busy database\n  \
        wavegate stream ensure            the JetStream stream and its consumer\n  \
        wavegate relay                    and `wavegate worker`: keep them running\n  \
        wavegate preflight plan.yaml      is everything ready?\n  \
        wavegate apply plan.yaml          the next step, if its gates pass\n  \
        wavegate run plan.yaml            or all of them, for weeks, each in its time\n  \
        wavegate rollback --all           back to the queue, in one keystroke\n\n\
        To see it all on a machine of your own: wavegate lab demo\n\n\
        Exit codes: 0 done, 1 error, 2 wrong usage or plan, 3 a gate failed, 4 not yet, 5 refused,\n\
        6 declined or nobody to ask, 7 rolled back automatically, 130 interrupted"
)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalOptions,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Reads the database and writes a commented wave plan
    #[command(after_help = examples::INIT)]
    Init(init::Args),
    /// Checks a plan against the database and shows the next steps
    #[command(after_help = examples::PLAN)]
    Plan(plan::Args),
    /// Migration 007: status, apply, verify, revert
    #[command(after_help = examples::SCHEMA)]
    Schema(schema::Args),
    /// The JetStream stream and consumer: status, ensure
    #[command(after_help = examples::STREAM)]
    Stream(stream::Args),
    /// Carries events from the outbox to JetStream
    #[command(after_help = examples::RELAY)]
    Relay(relay::Args),
    /// Delivers webhooks from the queue, from NATS, or both
    #[command(after_help = examples::WORKER)]
    Worker(worker::Args),
    /// Checks that everything is ready, each finding with its remedy
    #[command(after_help = examples::PREFLIGHT)]
    Preflight(preflight::Args),
    /// Carries out the next step of a wave if its gates pass
    #[command(after_help = examples::APPLY)]
    Apply(apply::Args),
    /// Drives the migration by its plan: steps, soaks, windows, automatic rollback
    #[command(after_help = examples::RUN)]
    Run(run::Args),
    /// Approves the next step of a wave, for `run`
    #[command(after_help = examples::APPROVE)]
    Approve(approve::Args),
    /// A wave, a webhook or everything stands still; without a reason: what does
    #[command(after_help = examples::HOLD)]
    Hold(hold::Args),
    /// Ends a hold
    #[command(after_help = examples::RELEASE)]
    Release(hold::ReleaseArgs),
    /// Evaluates and explains gates; changes no webhook, and keeps what they said (not with --dry-run)
    #[command(after_help = examples::GATE)]
    Gate(gate::Args),
    /// Takes back one webhook, a wave or everything
    #[command(after_help = examples::ROLLBACK)]
    Rollback(rollback::Args),
    /// Puts back what somebody changed by hand
    #[command(after_help = examples::RESTORE)]
    Restore(drift::Args),
    /// Lets stand what somebody changed by hand
    #[command(after_help = examples::ADOPT)]
    Adopt(drift::Args),
    /// Ends a migration whose webhooks are all finished or back in the queue; its history stays
    #[command(after_help = examples::CLOSE)]
    Close(close::Args),
    /// Where every wave stands
    #[command(after_help = examples::STATUS)]
    Status(status::Args),
    /// A role signs a wave's present step, or refuses it; shows who has
    #[command(after_help = examples::SIGNOFF)]
    Signoff(signoff::Args),
    /// The journal: who did what, when
    #[command(after_help = examples::HISTORY)]
    History(history::Args),
    /// How many events were committed, and where each of them is
    #[command(after_help = examples::AUDIT)]
    Audit(audit::Args),
    /// Events that are out of attempts: list, inspect, requeue, discard
    #[command(after_help = examples::DEAD)]
    Dead(dead::Args),
    /// Gives every undelivered event its queue row, so that the queue delivers it
    #[command(after_help = examples::REDRIVE)]
    Redrive(redrive::Args),
    /// What is left on each path, and whether queue workers may be stopped
    #[command(after_help = examples::DRAIN)]
    Drain(drain::Args),
    /// A disposable rehearsal on real servers
    #[command(after_help = examples::LAB)]
    Lab(lab::Args),
    /// Prints a completion script
    Completions(completions::Args),
    /// Writes the man pages
    Man(man::Args),
}

/// Parses the arguments, runs the command and says by the exit code how it went.
pub fn main() -> ExitCode {
    // clap's own answer to "no arguments" is left out where DATABASE_URL or the like is set.
    if std::env::args_os().len() < 2 {
        let help = Cli::command().render_help();
        Ui::new(Output::Table, false, false, None).note(&help.to_string());
        return ExitCode::from(Kind::Usage.exit_code());
    }
    let parsed = environment::heeded(Cli::command()).try_get_matches();
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error.format(&mut Cli::command())),
    };
    ui::log(
        cli.global.verbose,
        cli.global.quiet,
        is_service(&cli.command),
        cli.global.log_format,
    );
    let ui = Ui::new(
        cli.global.output,
        cli.global.quiet,
        cli.global.yes,
        cli.global.confirm.clone(),
    );
    match ui.finish(start(cli, ui.clone())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            ui.error(&error);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

/// Help and version go where they always go. A usage error is clap's own on stderr, and on stdout in the format that was asked for.
fn unparsed(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // As `error.exit()` does, but a result that nobody gets is told by the code.
        let ui = Ui::new(Output::Table, false, false, None);
        ui.print(&error.render().to_string());
        return match ui.finish(Ok(())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(lost) => {
                ui.error(&lost);
                ExitCode::from(lost.kind().exit_code())
            }
        };
    }
    let _ = error.print();
    let text = error.to_string();
    let message = text.trim_start_matches("error: ").split("\n\n").next();
    let usage = Error::usage(message.unwrap_or_default().trim().to_string());
    let ui = Ui::new(asked_output(std::env::args()), true, false, None);
    ui.error_for_programs(&usage);
    ExitCode::from(Kind::Usage.exit_code())
}

/// `--output` of a command line that cannot be parsed as a whole.
fn asked_output(args: impl Iterator<Item = String>) -> Output {
    let args: Vec<String> = args.take_while(|arg| arg != "--").collect();
    let after = |(index, arg): (usize, &String)| match arg.as_str() {
        "-o" | "--output" => args.get(index + 1).cloned(),
        arg => arg
            .strip_prefix("--output=")
            .or_else(|| {
                arg.strip_prefix("-o")
                    .map(|value| value.trim_start_matches('='))
            })
            .map(str::to_string),
    };
    args.iter()
        .enumerate()
        .filter_map(after)
        .find_map(|value| <Output as clap::ValueEnum>::from_str(&value, false).ok())
        .unwrap_or_default()
}

fn start(cli: Cli, ui: Ui) -> Result<()> {
    // rustls has no provider of its own; an error says that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut threads = match cli.command {
        // Many small steps that wake each other: between threads, each waking would be a system call.
        Command::Relay(_) => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = threads
        .enable_all()
        .build()
        .map_err(|cause| Error::failed("cannot start the runtime").because(cause))?;
    let context = Context::new(cli.global, ui, word(&cli.command));
    let outcome = runtime.block_on(async {
        if handles_signals(&cli.command) {
            return dispatch(cli.command, &context).await;
        }
        ending::or_interrupted(&context.ui, dispatch(cli.command, &context)).await
    });
    // A prompt, a pipe or a name look-up may still sit in a blocking thread.
    runtime.shutdown_background();
    context.ui.give_terminal_back();
    outcome.map_err(|error| ending::with_what_stands(&context.ui, error))
}

/// These run until they are told to stop.
fn is_service(command: &Command) -> bool {
    matches!(command, Command::Relay(_) | Command::Worker(_))
}

/// These stop gracefully by themselves.
fn handles_signals(command: &Command) -> bool {
    match command {
        Command::Gate(args) => args.is_watch(),
        Command::Run(args) => !args.once,
        command => is_service(command) || matches!(command, Command::Lab(_)),
    }
}

/// The command's own word.
fn word(command: &Command) -> &'static str {
    match command {
        Command::Init(_) => "init",
        Command::Plan(_) => "plan",
        Command::Preflight(_) => "preflight",
        Command::Schema(_) => "schema",
        Command::Stream(_) => "stream",
        Command::Apply(_) => "apply",
        Command::Run(_) => "run",
        Command::Approve(_) => "approve",
        Command::Hold(_) => "hold",
        Command::Release(_) => "release",
        Command::Gate(_) => "gate",
        Command::Signoff(_) => "signoff",
        Command::Status(_) => "status",
        Command::Audit(_) => "audit",
        Command::Dead(_) => "dead",
        Command::History(_) => "history",
        Command::Rollback(_) => "rollback",
        Command::Restore(_) => "restore",
        Command::Adopt(_) => "adopt",
        Command::Close(_) => "close",
        Command::Redrive(_) => "redrive",
        Command::Drain(_) => "drain",
        Command::Relay(_) => "relay",
        Command::Worker(_) => "worker",
        Command::Lab(_) => "lab",
        Command::Completions(_) => "completions",
        Command::Man(_) => "man",
    }
}

/// Runs the command; where PostgreSQL denied it something, says which right is missing.
async fn dispatch(command: Command, context: &Context) -> Result<()> {
    if context.global.dry_run && matches!(command, Command::Lab(_) | Command::Man(_)) {
        return Err(Error::usage("this command has no --dry-run")
            .hint("`wavegate lab up` makes servers of its own and touches no other"));
    }
    let role = role(&command);
    match (carry_out(command, context).await, role) {
        (Err(error), Some(role)) if error.sqlstate() == Some("42501") => {
            Err(context.explain_denial(role, error).await)
        }
        (outcome, _) => outcome,
    }
}

/// Which role of docs/privileges.md runs it; none where the owner of the tables does, or nobody in the database.
fn role(command: &Command) -> Option<Role> {
    match command {
        Command::Init(_)
        | Command::Plan(_)
        | Command::Preflight(_)
        | Command::Stream(_)
        | Command::Apply(_)
        | Command::Run(_)
        | Command::Approve(_)
        | Command::Hold(_)
        | Command::Release(_)
        | Command::Gate(_)
        | Command::Signoff(_)
        | Command::Dead(_)
        | Command::Rollback(_)
        | Command::Restore(_)
        | Command::Adopt(_)
        | Command::Close(_)
        | Command::Redrive(_)
        | Command::Drain(_) => Some(Role::Operator),
        Command::Status(_) | Command::Audit(_) | Command::History(_) => Some(Role::Reader),
        Command::Relay(_) | Command::Worker(_) => Some(Role::Carrier),
        Command::Schema(_) | Command::Lab(_) | Command::Completions(_) | Command::Man(_) => None,
    }
}

async fn carry_out(command: Command, context: &Context) -> Result<()> {
    match command {
        Command::Init(args) => init::run(args, context).await,
        Command::Plan(args) => plan::run(args, context).await,
        Command::Preflight(args) => preflight::run(args, context).await,
        Command::Schema(args) => schema::run(args, context).await,
        Command::Stream(args) => stream::run(args, context).await,
        Command::Apply(args) => apply::run(args, context).await,
        Command::Run(args) => run::run(args, context).await,
        Command::Approve(args) => approve::run(args, context).await,
        Command::Hold(args) => hold::run(args, context).await,
        Command::Release(args) => hold::release(args, context).await,
        Command::Gate(args) => gate::run(args, context).await,
        Command::Signoff(args) => signoff::run(args, context).await,
        Command::Status(args) => status::run(args, context).await,
        Command::Audit(args) => audit::run(args, context).await,
        Command::Dead(args) => dead::run(args, context).await,
        Command::History(args) => history::run(args, context).await,
        Command::Rollback(args) => rollback::run(args, context).await,
        Command::Restore(args) => drift::restore(args, context).await,
        Command::Adopt(args) => drift::adopt(args, context).await,
        Command::Close(args) => close::run(args, context).await,
        Command::Redrive(args) => redrive::run(args, context).await,
        Command::Drain(args) => drain::run(args, context).await,
        Command::Relay(args) => relay::run(args, context).await,
        Command::Worker(args) => worker::run(args, context).await,
        Command::Lab(args) => lab::run(args, context).await,
        Command::Completions(args) => completions::run(args, context).await,
        Command::Man(args) => man::run(args, context).await,
    }
}
