//! `wavegate lab`: a disposable rehearsal on real servers.

use std::{io::Read, path::PathBuf, sync::Arc, time::Duration};

use super::Context;
use crate::{
    error::{Context as _, Error, Kind, Result},
    lab::{
        backdrop::{self, LabShape},
        demo,
        home::{self, Home},
        receiver::Receiver,
        servers::{Nats, Postgres},
        traffic::{Rate, Traffic},
        up,
        watch::Watch,
        webhooks,
    },
    model::Progress,
    signals::Endings,
    ui::{RehearsalScreen, Tone},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// A whole migration on servers of its own, with kills, one rollback and an audit
    #[command(after_help = super::examples::LAB_DEMO)]
    Demo(DemoArgs),
    /// PostgreSQL, NATS and a receiver that stay up, with the rule engine and its webhooks
    #[command(after_help = super::examples::LAB_UP)]
    Up(UpArgs),
    /// Makes calls in a lab that is up
    #[command(after_help = super::examples::LAB_TRAFFIC)]
    Traffic(TrafficArgs),
    /// Takes down a lab that is up, and removes it
    #[command(after_help = super::examples::LAB_DOWN)]
    Down(Place),
    /// The endpoints of a lab that is up
    #[command(hide = true)]
    Receiver(ReceiverArgs),
    /// A PostgreSQL and a nats-server for many tests: prints their ports, and ends them when its input ends
    #[command(hide = true)]
    Servers,
}

#[derive(Debug, clap::Args)]
struct Place {
    /// The folder of the lab; one for each user below the temporary folder unless given
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct DemoArgs {
    /// The same number makes the same webhooks and the same calls
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Multiplies the traffic and, below 1, the waiting times
    #[arg(long, default_value_t = 1.0, value_name = "X")]
    scale: f64,
    /// Leave the servers and their folder when it is over
    #[arg(long)]
    keep: bool,
    /// Wait before each command, so that the operator types
    #[arg(long)]
    pause_at_prompts: bool,
    /// Which layout of the rule engine
    #[arg(long, value_enum, default_value_t, value_name = "SHAPE")]
    shape: LabShape,
}

#[derive(Debug, clap::Args)]
struct UpArgs {
    #[command(flatten)]
    place: Place,
    /// Which layout of the rule engine
    #[arg(long, value_enum, default_value_t, value_name = "SHAPE")]
    shape: LabShape,
    /// The same number makes the same webhooks
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
}

#[derive(Debug, clap::Args)]
struct TrafficArgs {
    #[command(flatten)]
    place: Place,
    /// Calls a second
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=5000))]
    rate: u32,
    /// How long, in seconds; until Ctrl-C unless given
    #[arg(long, value_name = "SECONDS")]
    seconds: Option<u64>,
    /// The same number makes the same calls
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
}

#[derive(Debug, clap::Args)]
struct ReceiverArgs {
    #[command(flatten)]
    place: Place,
    #[arg(long)]
    port: u16,
    #[arg(long)]
    seed: u64,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    match args.action {
        Action::Demo(args) => interruptible(demo(args, context)).await,
        Action::Up(args) => interruptible(up(args, context)).await,
        Action::Traffic(args) => traffic(args, context).await,
        Action::Down(place) => down(&place, context),
        Action::Receiver(args) => receiver(&args, context).await,
        Action::Servers => servers(context),
    }
}

async fn demo(args: DemoArgs, context: &Context) -> Result<()> {
    let ui = context.ui.clone();
    let pause: Option<crate::lab::scenario::Pause> = if args.pause_at_prompts {
        ui.want_terminal()?;
        let ui = ui.clone();
        Some(Arc::new(move |command: &str| ui.wait_for(command)))
    } else {
        None
    };
    let say = |event: Progress| match event {
        Progress::Note { text } if text.starts_with("$ ") || text.starts_with("\n==") => {
            ui.note(&ui.style().paint(Tone::Strong, &text));
        }
        other => ui.progress(&other),
    };
    let (rehearsal, home) = demo::play(demo::Options {
        seed: args.seed,
        scale: args.scale,
        shape: args.shape,
        keep: args.keep,
        pause,
        width: ui.style().width,
        say: &say,
    })
    .await?;
    ui.note("");
    ui.show(&RehearsalScreen(&rehearsal));
    if let Some(home) = home {
        ui.note(&demo::left_behind(&home));
    }
    if rehearsal.holds() {
        Ok(())
    } else {
        Err(Error::failed("the audit does not hold")
            .hint("run again with --keep and the same --seed, and look up the ids above in rule_webhook_events and wavegate.journal"))
    }
}

async fn up(args: UpArgs, context: &Context) -> Result<()> {
    let elsewhere = args.place.dir.is_some();
    let dir = args.place.dir.unwrap_or_else(home::default_dir);
    let home = up::up(dir, args.shape, args.seed).await?;
    context.ui.show(&crate::ui::LabUpScreen {
        elsewhere,
        dir: home.dir.display().to_string(),
        database_url: home.database_url,
        nats_url: home.nats_url,
    });
    Ok(())
}

fn down(place: &Place, context: &Context) -> Result<()> {
    let dir = place.dir.clone().unwrap_or_else(home::default_dir);
    let stopped = Home::open(&dir)?.take_down()?;
    context.ui.note(&format!(
        "stopped {}; removed {}",
        if stopped.is_empty() {
            "nothing, since nothing ran any more".to_string()
        } else {
            stopped.join(", ")
        },
        dir.display()
    ));
    Ok(())
}

async fn traffic(args: TrafficArgs, context: &Context) -> Result<()> {
    let dir = args.place.dir.unwrap_or_else(home::default_dir);
    let home = Home::open(&dir)?;
    let mut connection = backdrop::connect(&home.database_url).await?;
    let webhooks = backdrop::find(&mut connection, &webhooks::set(home.seed)).await?;
    let rate = Rate {
        seed: args.seed,
        sessions: 4,
        per_second: f64::from(args.rate),
    };
    let traffic = Traffic::start(&home.database_url, &webhooks, rate).await?;
    if backdrop::has_unified(&mut connection).await? {
        traffic.use_unified();
    }
    let until = async {
        match args.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = until => {}
        outcome = stopped() => outcome?,
    }
    let (callers, _) = traffic.stop().await?;
    context.ui.note(&format!(
        "{} events in committed transactions, {:.0} a second; {} taken back on purpose, {} transactions failed",
        callers.committed, callers.per_second, callers.rolled_back, callers.failed
    ));
    match callers.first_error {
        Some(error) => Err(Error::failed(format!("a caller failed: {error}"))),
        None => Ok(()),
    }
}

async fn receiver(args: &ReceiverArgs, context: &Context) -> Result<()> {
    let receiver = Receiver::start(args.seed, &webhooks::set(args.seed), args.port).await?;
    context
        .ui
        .note(&format!("receiver ready at {}", receiver.url()));
    stopped().await
}

/// Whoever holds the other end of our input holds the servers, however it ends; if we are killed, the watches end them.
fn servers(context: &Context) -> Result<()> {
    let dir = tempfile::tempdir().context("no temporary folder")?;
    let postgres = Postgres::start(dir.path(), &[])?;
    let nats = Nats::start(dir.path(), &[])?;
    let _watches = [
        Watch::over(postgres.pid(), dir.path())?,
        Watch::over(nats.pid(), dir.path())?,
    ];
    context
        .ui
        .print(&format!("{} {}\n", postgres.port(), nats.port()));
    std::io::stdin()
        .read_to_end(&mut Vec::new())
        .context("the input cannot be read")?;
    Ok(())
}

/// Until SIGINT, SIGTERM or SIGHUP.
async fn stopped() -> Result<()> {
    Endings::listen()?.next().await;
    Ok(())
}

/// Dropped half-way, the work takes down whatever it started.
async fn interruptible(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::select! {
        biased;
        outcome = stopped() => {
            outcome?;
            Err(Error::new(Kind::Interrupted, "interrupted; the lab was taken down"))
        }
        outcome = work => outcome,
    }
}
