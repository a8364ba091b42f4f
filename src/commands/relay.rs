//! `wavegate relay`: carries events from the outbox to JetStream.

use std::time::Duration;

use super::Context;
use crate::{
    bus::Bus,
    dataplane::{RelayOptions, Stop, relay},
    error::Result,
    model::ConsumerDefinition,
    store::{lead, nats_config, outbox::Part},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Row of rule_nats_config whose events are carried
    #[arg(long, value_name = "NAME", default_value = "default")]
    config: String,
    /// Stream; without it, the one of the config
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// Durable consumer of the workers
    #[arg(long, value_name = "NAME", default_value = ConsumerDefinition::NAME)]
    consumer: String,
    /// Publish an undelivered event again after this many seconds, doubling, if its last copy cannot come any more
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    republish_after: u64,
}

const DEFAULT: &str = "default";

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let stop = Stop::on_signals()?;
    let db = context.db().await?;
    lead::ready(&db).await?;
    let config = nats_config::load(&db, &args.config).await?;
    let names = nats_config::names(&db).await?;
    let stream = nats_config::wanted_stream(&db, &config, args.stream.as_deref()).await?;
    let options = RelayOptions {
        host: context.actor().host,
        // A NATS that is down must not keep the sweeper from a rollback's work.
        bus: Bus::open(&context.bus_options(&config)?).await?,
        part: Part {
            config_id: config.config_id,
            // Webhooks without a config of their own belong to `default`, or to whoever there is.
            unnamed: args.config == DEFAULT || !names.iter().any(|name| name == DEFAULT),
        },
        stream,
        consumer: args.consumer,
        republish_after: Duration::from_secs(args.republish_after),
    };
    relay(&db, &options, &stop).await
}
