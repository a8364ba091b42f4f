//! `wavegate relay`: carries events from the outbox to JetStream.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    Context, duration,
    options::{Listen, stream_name},
};
use crate::{
    bus::Bus,
    dataplane::{Keep, RelayOptions, Stop, relay},
    engine::pinned,
    error::{Error, Result},
    model::ConsumerDefinition,
    plan,
    store::{
        Db, clock, nats_config,
        outbox::{PARTITIONS, Part},
    },
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Row of rule_nats_config whose events are carried
    #[arg(long, value_name = "NAME", default_value = "default")]
    config: String,
    /// Stream; without it, the one of the config
    #[arg(long, value_name = "NAME", value_parser = stream_name)]
    stream: Option<String>,
    /// Durable consumer of the workers
    #[arg(long, value_name = "NAME", default_value = ConsumerDefinition::NAME, value_parser = stream_name)]
    consumer: String,
    /// Who delivers: ledger, our workers; independent, foreign ones, whose durable is named by --consumer
    #[arg(long, value_enum, value_name = "WHO", default_value_t = Delivery::Ledger)]
    delivery: Delivery,
    /// Publish in the envelope of the engine's example workers; always so with --delivery independent
    #[arg(long)]
    envelope: bool,
    /// Publish an undelivered event again after this many seconds, doubling, if its last copy cannot come any more
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    republish_after: u64,
    /// How long publish history is kept; 0s for ever
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = duration::parse)]
    keep_history: Duration,
    /// How long delivered and discarded events stay in the ledger, at least until no copy can come any more; 0s for ever
    #[arg(long, value_name = "DURATION", default_value = "45d", value_parser = duration::parse)]
    keep_ledger: Duration,
    #[command(flatten)]
    listen: Listen,
}

const DEFAULT: &str = "default";

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let stop = Stop::on_signals()?;
    let endpoint = args.listen.bind().await?;
    let independent = args.delivery == Delivery::Independent;
    // What a crash takes from the relay it does again, and publishing twice is harmless; but what foreign workers acknowledged
    // is read once.
    let Some(db) = context.data_plane(!independent, &stop).await? else {
        return Ok(());
    };
    agrees(&db, args.delivery).await?;
    if independent && args.consumer == ConsumerDefinition::NAME {
        return Err(Error::usage(
            "--delivery independent wants the durable of the foreign workers",
        )
        .hint("--consumer webhook-worker-1, or what CONSUMER_NAME of the example worker says")
        .hint("`wavegate stream ensure --consumer NAME` makes it"));
    }
    let config = nats_config::load(&db, &args.config).await?;
    let names = nats_config::names(&db).await?;
    let stream = nats_config::wanted_stream(&db, &config, args.stream.as_deref()).await?;
    if context.global.dry_run {
        let bus = Bus::connect(&context.bus_options(&config)?).await?;
        context.ui.note(&format!(
            "dry run: it would carry events of config {} to stream {} at {}; nothing was carried",
            config.config_name,
            stream.name,
            bus.place()
        ));
        return Ok(());
    }
    tell_unserved(&db, config.config_id).await;
    let options = RelayOptions {
        host: context.actor().host,
        // A NATS that is down must not keep the sweeper from a rollback's work.
        bus: Bus::open(&context.bus_options(&config)?).await?,
        part: Part {
            config_id: config.config_id,
            // Webhooks without a config of their own belong to `default`, or to whoever there is.
            unnamed: args.config == DEFAULT || !names.iter().any(|name| name == DEFAULT),
            partitions: (0..PARTITIONS).collect(),
            only_due: independent,
        },
        stream,
        consumer: args.consumer,
        envelope: args.envelope || independent,
        independent,
        republish_after: Duration::from_secs(args.republish_after),
        keep: Keep {
            history: args.keep_history,
            ledger: args.keep_ledger,
        },
    };
    relay(&db, options, endpoint, &stop).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Delivery {
    Ledger,
    Independent,
}

/// Whose events nobody carries, beside those of this relay. Others may be starting too, so it is no refusal.
async fn tell_unserved(db: &Db, config_id: i32) {
    let unserved = async {
        let since = clock::now(db).await? - TimeDelta::seconds(30);
        nats_config::unserved(db, since, Some(config_id)).await
    };
    match unserved.await {
        Ok(list) => {
            for (config, webhooks) in list {
                tracing::warn!(
                    webhooks,
                    "no relay carries the events of config {config}; start one: wavegate relay --config {config}"
                );
            }
        }
        Err(error) => tracing::debug!(%error, "cannot see which configs have no relay"),
    }
}

/// The plan under way has said who delivers.
async fn agrees(db: &Db, asked: Delivery) -> Result<()> {
    let Some(pinned) = pinned::delivery(db).await? else {
        return Ok(());
    };
    match (pinned, asked) {
        (plan::Delivery::Ledger, Delivery::Ledger)
        | (plan::Delivery::Independent, Delivery::Independent) => Ok(()),
        (plan::Delivery::Independent, Delivery::Ledger) => Err(Error::refused(
            "the plan under way says `delivery: independent`: foreign workers want the envelope, and their acknowledgements are the deliveries",
        )
        .hint("wavegate relay --delivery independent --consumer NAME")),
        (plan::Delivery::Ledger, Delivery::Independent) => Err(Error::refused(
            "the plan under way says `delivery: ledger`: our NATS workers deliver, and a foreign one would send everything twice",
        )
        .hint("leave --delivery out; `--envelope` changes the form of the messages alone")),
    }
}
