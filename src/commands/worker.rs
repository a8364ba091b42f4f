//! `wavegate worker`: delivers webhooks from the queue, from NATS, or both.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use ipnet::IpNet;

use super::{
    Context, duration,
    options::{Listen, stream_name},
};
use crate::{
    bus::Bus,
    dataplane::{
        CallOptions, Dedication, Guard, NatsSource, Stop, WorkerOptions, raise_limit, roots, work,
    },
    engine::pinned,
    error::{Error, Kind, Result},
    model::ConsumerDefinition,
    plan::{Delivery, unknown_wave},
    store::{Db, dedicated, nats_config, scope},
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
    /// Deliver the events of this wave's webhooks and no others: a dedicated worker. Ordinary workers go on serving all; repeatable
    #[arg(long, value_name = "NAME", value_hint = clap::ValueHint::Other)]
    wave: Vec<String>,
    /// Deliver the events of this webhook and of no other, by name or id (name:7 or id:7 where both could be meant); repeatable, also beside --wave
    #[arg(long, value_name = "NAME|ID", value_hint = clap::ValueHint::Other)]
    webhook: Vec<String>,
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
    #[arg(long, value_name = "NAME", value_parser = stream_name)]
    stream: Option<String>,
    /// Durable consumer that all NATS workers share
    #[arg(long, value_name = "NAME", default_value = ConsumerDefinition::NAME, value_parser = stream_name)]
    consumer: String,
    /// How much longer than a webhook's deadline a claim lasts; what a dead worker held is free after that
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(3..=300))]
    lease_slack: u64,
    /// Call no private address (RFC 1918, fc00::/7, 100.64.0.0/10) and no loopback. Link-local, metadata, unspecified, multicast and broadcast addresses are never called
    #[arg(long)]
    public_only: bool,
    /// Call addresses of this network all the same; repeatable
    #[arg(long, value_name = "CIDR", value_parser = network)]
    allow_address: Vec<IpNet>,
    /// Certificates (PEM) that endpoints may be signed by, beside the system's; repeatable. In the environment: one file
    #[arg(long, value_name = "FILE", env = "WAVEGATE_ENDPOINT_CA")]
    endpoint_ca: Vec<PathBuf>,
    /// Call through the proxies that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name. What a proxy resolves is not checked
    #[arg(long)]
    env_proxy: bool,
    #[command(flatten)]
    listen: Listen,
}

/// An address alone is a network of one.
fn network(text: &str) -> std::result::Result<IpNet, String> {
    let network = text.parse::<IpNet>();
    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from);
    network
        .or_else(|_| address())
        .map_err(|_| "neither an address nor a network such as 10.1.0.0/16".to_string())
}

pub async fn run(args: Args, context: &Context) -> Result<()> {
    let stop = Stop::on_signals()?;
    let descriptors = raise_limit();
    let calls = CallOptions {
        guard: Guard {
            public_only: args.public_only,
            allowed: args.allow_address,
        },
        env_proxy: args.env_proxy,
        roots: roots(&args.endpoint_ca)?,
    };
    let endpoint = args.listen.bind().await?;
    let Some(db) = context.data_plane(false, &stop).await? else {
        return Ok(());
    };
    if args.path != Paths::Queue && pinned::delivery(&db).await? == Some(Delivery::Independent) {
        return Err(Error::refused(
            "the plan under way says `delivery: independent`: foreign NATS workers deliver, and ours would send everything twice",
        )
        .hint("wavegate worker --path queue"));
    }
    let dedication = dedicated_to(&db, args.wave, &args.webhook).await?;
    if context.global.dry_run {
        return rehearse(&args.config, args.path, &db, context).await;
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
        dedication,
        concurrency: args.concurrency.into(),
        per_host: args
            .per_host
            .unwrap_or_else(|| args.concurrency.div_ceil(2))
            .into(),
        circuit_after: args.circuit_after,
        reap_after: args.reap_after,
        lease_slack: Duration::from_secs(args.lease_slack),
        calls,
        descriptors,
    };
    work(&db, &options, endpoint, &stop).await
}

/// Whom it serves; `None`: every webhook. All names that lead nowhere are told at once.
async fn dedicated_to(
    db: &Db,
    waves: Vec<String>,
    webhooks: &[String],
) -> Result<Option<Dedication>> {
    if waves.is_empty() && webhooks.is_empty() {
        return Ok(None);
    }
    let (mut ids, mut wrong) = (Vec::new(), Vec::new());
    if !waves.is_empty() {
        let known = dedicated::waves(db).await?;
        let unknown = waves.iter().filter(|wave| !known.contains(wave));
        wrong.extend(unknown.map(|wave| match known.is_empty() {
            true => Error::usage(format!(
                "no migration has begun, so there is no wave `{wave}`"
            ))
            .hint("waves are there from the first `wavegate apply`; until then name webhooks with --webhook"),
            false => unknown_wave("the migration", wave, known.iter().map(String::as_str)),
        }));
    }
    for word in webhooks {
        match scope::named(db, word).await {
            Ok(id) => ids.push(id),
            Err(error) if matches!(error.kind(), Kind::Usage | Kind::Refused) => wrong.push(error),
            Err(error) => return Err(error),
        }
    }
    if wrong.len() > 1 {
        return Err(together(&wrong));
    }
    match wrong.pop() {
        Some(error) => Err(error),
        None => Ok(Some(Dedication {
            waves,
            webhooks: ids,
        })),
    }
}

/// One error of several.
fn together(wrong: &[Error]) -> Error {
    let error = Error::usage(format!("{} names lead nowhere", wrong.len()));
    let error = wrong.iter().fold(error, |error, one| {
        let error = error.detail(one.message());
        one.causes().iter().fold(error, Error::detail)
    });
    let hints: BTreeSet<&String> = wrong.iter().flat_map(Error::hints).collect();
    hints.into_iter().fold(error, Error::hint)
}

/// `--dry-run`: both servers answer and every right is there; then it ends.
async fn rehearse(config: &str, path: Paths, db: &Db, context: &Context) -> Result<()> {
    let mut from = vec![];
    if path != Paths::Nats {
        from.push("the queue".to_string());
    }
    if path != Paths::Queue {
        let config = nats_config::load(db, config).await?;
        let bus = Bus::connect(&context.bus_options(&config)?).await?;
        from.push(format!("NATS at {}", bus.place()));
    }
    context.ui.note(&format!(
        "dry run: it would deliver from {}; nothing was delivered",
        from.join(" and ")
    ));
    Ok(())
}
