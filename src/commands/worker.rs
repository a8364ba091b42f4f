//! `wavegate worker`: delivers webhooks from the queue, from NATS, or both.

use std::time::Duration;

use super::{Context, duration, options::Listen, pinned};
use crate::{
    bus::Bus,
    dataplane::{NatsSource, Stop, WorkerOptions, work},
    error::{Error, Result},
    model::ConsumerDefinition,
    plan::Delivery,
    store::{lead, nats_config},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Paths {
    Queue,
    Nats,
    Both,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which path it serves
    #[arg(long, value_enum, default_value_t = Paths::Both)]
    path: Paths,
    /// Calls in flight at most, for each path
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    concurrency: u16,
    /// Calls in flight at most to one host; 0: any number. Without it, half of --concurrency, so that a slow host leaves half to the others
    #[arg(long, value_name = "N")]
    per_host: Option<u16>,
    /// Failed calls in a row, on both paths together, after which an endpoint is left alone for 5 s to 5 min; 0: never
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(i32).range(0..=1_000_000))]
    circuit_after: i32,
    /// A queue row that another worker has been processing for this long goes back to the queue; 0: never
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration::parse)]
    reap_after: Duration,
    /// Row of rule_nats_config
    #[arg(long, value_name = "NAME", default_value = "default")]
    config: String,
    /// Stream; without it, the one of the config
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// Durable consumer that all NATS workers share
    #[arg(long, value_name = "NAME", default_value = ConsumerDefinition::NAME)]
    consumer: String,
    /// How much longer than a webhook's deadline a claim lasts; what a dead worker held is free after that
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(3..=300))]
    lease_slack: u64,
    #[command(flatten)]
    listen: Listen,
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let stop = Stop::on_signals()?;
    let endpoint = args.listen.bind().await?;
    let db = context.data_plane(false).await?;
    lead::ready(&db).await?;
    if args.path != Paths::Queue && pinned::delivery(&db).await? == Some(Delivery::Independent) {
        return Err(Error::refused(
            "the plan under way says `delivery: independent`: foreign NATS workers deliver, and ours would send everything twice",
        )
        .hint("wavegate worker --path queue"));
    }
    let nats = if args.path == Paths::Queue {
        None
    } else {
        let config = nats_config::load(&db, &args.config).await?;
        Some(NatsSource {
            bus: Bus::open(&context.bus_options(&config)?).await?,
            stream: args.stream.unwrap_or(config.stream_name),
            consumer: ConsumerDefinition::new(&args.consumer),
        })
    };
    let options = WorkerOptions {
        host: context.actor().host,
        queue: args.path != Paths::Nats,
        nats,
        concurrency: args.concurrency.into(),
        per_host: args
            .per_host
            .unwrap_or_else(|| args.concurrency.div_ceil(2))
            .into(),
        circuit_after: args.circuit_after,
        reap_after: args.reap_after,
        lease_slack: Duration::from_secs(args.lease_slack),
    };
    work(&db, &options, endpoint, &stop).await
}
